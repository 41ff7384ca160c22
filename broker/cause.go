package broker

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/cloudevents/sdk-go/v2/types"

	"github.com/cairndb/cairn"
)

// CauseOf is the event that a delivery came of, for what follows from it to be
// recorded as caused by that:
//
//	ctx = decider.CausedBy(ctx, broker.CauseOf(d))
//
// If the broker is a log it is the event in it. Otherwise it is what is known of
// the domain event of which a [Relay] has made the message: its ID, and in its
// metadata the conversation that it belongs to, of which it is the beginning if it
// says nothing else. Of a message that no relay has made, only the conversation is
// known, if it says so, and the ID is zero. All of this is what the sender says.
func CauseOf(d Delivery) (r cairn.Recorded) {
	if d.Stored != nil {
		return *d.Stored
	}
	r.ID = relayed(d.Event.ID())
	correlation := extensionText(d.Event.Extensions()[extensionCorrelation])
	if correlation == "" && !r.ID.IsZero() {
		correlation = r.ID.String()
	}
	if correlation != "" {
		r.Metadata, _ = json.Marshal(map[string]string{metadataCorrelation: correlation}) // a string can be encoded
	}
	return r
}

// relayed is the ID of the domain event in that of a message of a relay, which
// ends with a point and a number. It is zero if the ID is somebody else's.
func relayed(id string) cairn.ID {
	event, number, _ := strings.Cut(id, ".")
	if _, err := strconv.ParseUint(number, 10, 32); err != nil {
		return cairn.ID{}
	}
	parsed, _ := cairn.ParseID(event) // zero if it is none
	return parsed
}

// extensionText is an extension as text, which it is where it is a header. It is
// empty if it is none that CloudEvents allows.
func extensionText(value any) string {
	s, err := types.Format(value)
	if err != nil || !textual(s) {
		return ""
	}
	return s
}
