package log_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/log"
)

// stored publishes a message, and returns what the log then holds.
func stored(t *testing.T, store cairn.Store, m broker.Message) cairn.Recorded {
	t.Helper()
	if err := log.NewPublisher(store, log.PublisherOptions{}).Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	all, err := cairn.Collect(store.ReadAll(t.Context(), cairn.AllOptions{Backward: true, Limit: 1}))
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	return all[0]
}

// arrived subscribes until something is delivered.
func arrived(t *testing.T, store cairn.Store) (d broker.Delivery) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	err := subscriber(t, store, log.SubscriberOptions{Topic: topic}).Subscribe(ctx, func(_ context.Context, got broker.Delivery) error {
		d = got
		stop()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return d
}

// TestAnEventInAnEvent: data that is an event itself is not mistaken for the
// message.
func TestAnEventInAnEvent(t *testing.T) {
	store, m := open(t), message("outer", "")
	m.Event.SetDataContentType(broker.Structured)
	m.Event.DataEncoded = []byte(`{"specversion":"1.0","id":"inner","source":"/b","type":"t"}`)
	stored(t, store, m)
	if d := arrived(t, store); d.Event.ID() != "outer" || string(d.Event.Data()) != string(m.Event.Data()) {
		t.Error(d.Event)
	}
}

func TestFormat(t *testing.T) {
	store := open(t)
	for kind, want := range map[string]cairn.Format{
		"": cairn.JSON, "application/json": cairn.JSON, "Application/JSON; charset=utf-8": cairn.JSON, "application/vnd.shop+json": cairn.JSON,
		"application/x-ndjson": cairn.Binary, "text/plain; of=json": cairn.Binary, "application/octet-stream": cairn.Binary,
	} {
		m := message("of "+kind, "")
		m.Event.SetDataContentType(kind)
		if r := stored(t, store, m); r.Format != want {
			t.Errorf("%q is %v", kind, r.Format)
		}
	}
	m := message("bytes", "")
	m.Event.SetDataContentType("")
	m.Event.DataEncoded, m.Event.DataBase64 = []byte{0xff}, true
	if r := stored(t, store, m); r.Format != cairn.Binary {
		t.Error("bytes without a type are", r.Format)
	}
}

// TestStreamOf: keys that no stream can be named after keep their order all the
// same, and arrive.
func TestStreamOf(t *testing.T) {
	store, long := open(t), strings.Repeat("k", cairn.MaxStreamName)
	streams := map[string]string{}
	for _, key := range []string{"", "7", "a-b/ü", long, long + "2"} {
		m := message("of "+key[max(0, len(key)-9):], "")
		m.Key = key
		r := stored(t, store, m)
		if other, twice := streams[r.Stream]; twice || cairn.Category(r.Stream) != topic {
			t.Errorf("%.9q and %.9q: stream %.99q", key, other, r.Stream)
		}
		streams[r.Stream] = key
		if len(key) < 9 && r.Stream != topic+"-"+key {
			t.Errorf("%q: stream %q", key, r.Stream)
		}
		m.Event.SetID("next of " + m.Event.ID())
		if again := stored(t, store, m); again.Stream != r.Stream || again.Revision != 1 {
			t.Errorf("%.9q: %.99q and %.99q", key, r.Stream, again.Stream)
		}
	}
}

// TestTrace: what a sender says that it belongs to is where everybody looks for it,
// whether a relay has made the message or not.
func TestTrace(t *testing.T) {
	const domain, parent = "0190163d-8694-739b-aea5-966c26f8ad91", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for name, c := range map[string]struct {
		id                               string
		extensions                       map[string]any
		correlation, causation, metadata string
	}{
		"nobody's":        {id: "1"},
		"somebody's":      {id: "2", extensions: map[string]any{"correlationid": "talk", "causationid": "x"}, correlation: "talk", causation: "x"},
		"a relay's":       {id: domain + ".0", extensions: map[string]any{"correlationid": "talk", "causationid": "x"}, correlation: "talk", causation: domain},
		"a relay's first": {id: domain + ".1", correlation: domain, causation: domain},
		"odd":             {id: "3", extensions: map[string]any{"correlationid": 7, "causationid": true}, correlation: "7"},
		"traced":          {id: "4", extensions: map[string]any{"traceparent": parent}, metadata: `"traceparent":"` + parent + `"`},
	} {
		m := message(c.id, "")
		for key, value := range c.extensions {
			m.Event.SetExtension(key, value)
		}
		r := stored(t, open(t), m)
		correlation, causation := cairn.Correlation(r.Metadata)
		if correlation != c.correlation || causation != c.causation || !strings.Contains(string(r.Metadata), c.metadata) {
			t.Errorf("%s: %s", name, r.Metadata)
		}
	}
}

// TestIDs: an event is known again by its source and ID, and by nothing else.
func TestIDs(t *testing.T) {
	store := open(t)
	of := func(source, id string, change func(*cloudevents.Event)) cairn.ID {
		m := message(id, "")
		m.Event.SetSource(source)
		m.Key = cairn.NewID().String() // a stream of its own, so that it is stored
		change(&m.Event)
		return stored(t, store, m).ID
	}
	same := func(*cloudevents.Event) {}
	first := of("/a", "b", same)
	if first != of("/a", "b", func(e *cloudevents.Event) { e.SetSubject("another attempt") }) {
		t.Error("the ID depends on more than source and ID")
	}
	if first == of("/ab", "-", same) || first == of("/a", "c", same) || first == of("/b", "b", same) {
		t.Error("others have its ID")
	}
	if text := first.String(); text[14] != '8' || !strings.ContainsRune("89ab", rune(text[19])) {
		t.Error("not a UUID of version 8:", text)
	}
}
