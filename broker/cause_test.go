package broker_test

import (
	"maps"
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
		"an ID and no number":   {id: id + ".", correlation: "talk", want: `{"$correlationId":"talk"}`},
		"an ID and a word":      {id: id + ".retry"},
		"an ID and a sign":      {id: id + ".-1"},
		"an ID and two numbers": {id: id + ".0.0"},
		"an ID and too many":    {id: id + ".99999999999999999999"},
		"the zero ID":           {id: "00000000-0000-0000-0000-000000000000.0"},
		"points only":           {id: "...."},
		"quotes in it":          {id: "7", correlation: `","$causationId":"x`, want: `{"$correlationId":"\",\"$causationId\":\"x"}`},
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

// TestHostileCorrelation: what a sender says it belongs to may be anything.
func TestHostileCorrelation(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"a number":       {int32(42), "42"}, // as it is where it comes as a header
		"a truth value":  {true, "true"},
		"not Unicode":    {"a\xff", ""},
		"a control":      {"a\nb", ""},
		"a noncharacter": {"\ufffe", ""},
		"a list":         {[]string{"a"}, ""},
		"nothing":        {nil, ""},
		"a script":       {"<script>", "<script>"},
	} {
		e := cloudevents.Event{Context: &cloudevents.EventContextV1{ID: "7", Extensions: map[string]any{"correlationid": c.value}}}
		r := broker.CauseOf(broker.Delivery{Message: broker.Message{Event: e}})
		got, causation := cairn.Correlation(r.Metadata)
		if got != c.want || causation != "" || (r.Metadata == nil) != (c.want == "") {
			t.Errorf("%s: %q, metadata %s", name, got, r.Metadata)
		}
	}
}

// TestCauseArrives: what a domain event belongs to is known where its message
// arrives, also if the event was the first of its conversation.
func TestCauseArrives(t *testing.T) {
	for metadata, want := range map[string]string{
		`{"$correlationId":"grün \"100 %\"","$causationId":"request-1"}`: `grün "100 %"`,
		`{"$correlationId":7}`: "0190163d-8694-739b-aea5-966c26f8ad91",
		`nothing`:              "0190163d-8694-739b-aea5-966c26f8ad91",
		``:                     "0190163d-8694-739b-aea5-966c26f8ad91",
	} {
		e := happened("order.placed", `{"total":12}`, metadata)
		all, err := shop(t).Map(e, typed)
		if err != nil {
			t.Fatal(err)
		}
		header := map[string]string{}
		if err := broker.Headers("ce_", &all[0].Event, func(name, value string) { header[name] = value }); err != nil {
			t.Fatal(err)
		}
		arrived, err := broker.FromHeaders("ce_", maps.All(header), "application/json", all[0].Event.Data())
		cause := broker.CauseOf(broker.Delivery{Message: broker.Message{Event: arrived}})
		if got, _ := cairn.Correlation(cause.Metadata); err != nil || got != want || cause.ID != e.ID {
			t.Errorf("%s: %q %v %v", metadata, got, cause.ID, err)
		}
	}
}
