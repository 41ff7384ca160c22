package broker

import (
	"encoding/json"

	"github.com/cairndb/cairn"
)

// CauseOf is the event that a delivery came of, for what follows from it to be
// recorded as caused by that:
//
//	ctx = decider.CausedBy(ctx, broker.CauseOf(d))
//
// If the broker is a log it is the event in it. Otherwise it is what is known of
// the domain event of which a [Relay] has made the message: its ID, and in its
// metadata the conversation that it belongs to. Of a message that no relay has
// made, only the conversation is known, if it says so.
func CauseOf(d Delivery) (r cairn.Recorded) {
	if d.Stored != nil {
		return *d.Stored
	}
	if id := d.Event.ID(); len(id) > idLength && id[idLength] == '.' {
		r.ID, _ = cairn.ParseID(id[:idLength]) // otherwise it is somebody else's
	}
	correlation, _ := d.Event.Extensions()[extensionCorrelation].(string)
	if correlation == "" && !r.ID.IsZero() {
		correlation = r.ID.String()
	}
	if correlation != "" {
		r.Metadata, _ = json.Marshal(map[string]string{metadataCorrelation: correlation}) // a string can be encoded
	}
	return r
}

const idLength = 36 // of a cairn.ID as text
