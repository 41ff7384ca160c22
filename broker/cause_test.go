package broker_test

import (
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

func TestCauseOf(t *testing.T) {
	const id = "0190163d-8694-739b-aea5-966c26f8ad91"
	stored := cairn.Recorded{Stream: "here-1"}
	for name, c := range map[string]struct {
		id, correlation string
		stored          *cairn.Recorded
		wantID, want    string
	}{
		"of a relay":            {id: id + ".0", correlation: "talk", wantID: id, want: `{"$correlationId":"talk"}`},
		"which began it":        {id: id + ".12", wantID: id, want: `{"$correlationId":"` + id + `"}`},
		"of somebody else":      {id: "7", correlation: "talk", want: `{"$correlationId":"talk"}`},
		"no ID, as long as one": {id: "0190163d-8694-739b-aea5-966c26f8ad9x.0"},
		"an ID and nothing":     {id: id},
		"in the log":            {id: id + ".0", stored: &stored},
	} {
		e := cloudevents.New()
		e.SetID(c.id)
		if c.correlation != "" {
			e.SetExtension("correlationid", c.correlation)
		}
		got := broker.CauseOf(broker.Delivery{Message: broker.Message{Event: e}, Stored: c.stored})
		var want cairn.ID
		if c.wantID != "" {
			want, _ = cairn.ParseID(c.wantID)
		}
		if got.ID != want || string(got.Metadata) != c.want || (c.stored != nil) != (got.Stream == "here-1") {
			t.Errorf("%s: %v %s %s", name, got.ID, got.Metadata, got.Stream)
		}
	}
	if got := broker.CauseOf(broker.Delivery{}); !got.ID.IsZero() || got.Metadata != nil {
		t.Error("a delivery of nothing has a cause:", got)
	}
}
