package nats_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/nats"
)

func message(topic, key, id string) broker.Message {
	e := cloudevents.New()
	e.SetID(id)
	e.SetSource("https://shop.example/orders")
	e.SetType("order.placed.v1")
	e.SetSubject("größer")
	if err := e.SetData("application/json", []byte(`{"n":1}`)); err != nil {
		panic(err)
	}
	return broker.Message{Event: e, Topic: topic, Key: key}
}

// limited is a context for a test in which something may never happen.
func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// expect wants a publish error of a kind, that names its message and helps.
func expect(t *testing.T, err, kind error, words ...string) {
	t.Helper()
	p, ok := errors.AsType[*broker.PublishError](err)
	if !ok || p.Kind != kind || p.Broker != "nats" || p.ID == "" {
		t.Fatalf("got %#v, want a PublishError of the kind %v", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func TestOnTheWire(t *testing.T) {
	s := embedded(t, nil)
	js := dial(t, s.ClientURL())
	name := stream(t, js, nil)
	p := publisher(t, nats.PublisherOptions{Connection: nats.Connection{URL: s.ClientURL()}, Subject: name + ".default"})
	m := message("", "order 7", "id 1")
	if err := p.Publish(limited(t), m); err != nil {
		t.Fatal(err)
	}
	st, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := st.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"ce-specversion": "1.0", "ce-id": "id%201", "ce-source": "https://shop.example/orders", "ce-type": "order.placed.v1",
		"ce-subject": "gr%C3%B6%C3%9Fer", "ce-datacontenttype": "application/json", "Cairn-Key": "order%207",
		"Nats-Msg-Id": "https://shop.example/orders id%201",
	} {
		if v := got.Header[header]; len(v) != 1 || v[0] != want {
			t.Errorf("header %s is %q, want %q", header, v, want)
		}
	}
	if got.Subject != name+".default" || string(got.Data) != `{"n":1}` {
		t.Errorf("on %q is %q", got.Subject, got.Data)
	}
}

func TestDuplicatesAreStoredOnce(t *testing.T) {
	s := embedded(t, nil)
	js := dial(t, s.ClientURL())
	name := stream(t, js, nil)
	p := publisher(t, nats.PublisherOptions{Connection: nats.Connection{URL: s.ClientURL()}})
	for range 3 {
		for _, id := range []string{"1", "2"} {
			if err := p.Publish(limited(t), message(name, "k", id)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := stored(t, js, name); n != 2 {
		t.Errorf("%d are stored, want 2", n)
	}
}

func stored(t *testing.T, js jetstream.JetStream, name string) uint64 {
	t.Helper()
	st, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return st.CachedInfo().State.Msgs
}

func TestFullStreamIsUnavailableUntilThereIsRoom(t *testing.T) {
	s := embedded(t, nil)
	js := dial(t, s.ClientURL())
	name := stream(t, js, func(c *jetstream.StreamConfig) { c.MaxMsgs, c.Discard = 2, jetstream.DiscardNew })
	p := publisher(t, nats.PublisherOptions{Connection: nats.Connection{URL: s.ClientURL()}})
	for i := range 2 {
		if err := p.Publish(limited(t), message(name, "k", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	third := message(name, "k", "third")
	expect(t, p.Publish(limited(t), third), broker.ErrUnavailable, "maximum messages exceeded", "full")
	st, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(limited(t), third); err != nil {
		t.Error(err)
	}
}

func TestRejections(t *testing.T) {
	s := embedded(t, func(o *server.Options) { o.MaxPayload = 100_000 })
	js := dial(t, s.ClientURL())
	name := stream(t, js, func(c *jetstream.StreamConfig) { c.MaxMsgSize = 10_000 })
	o := nats.PublisherOptions{Connection: nats.Connection{URL: s.ClientURL()}}
	p := publisher(t, o)
	large := func(n int) broker.Message {
		m := message(name, "k", "large")
		m.Event.DataEncoded = make([]byte, n)
		return m
	}
	expect(t, p.Publish(limited(t), large(20_000)), broker.ErrRejected, "max_msg_size")
	expect(t, p.Publish(limited(t), large(200_000)), broker.ErrRejected, "100000 bytes", "max_payload")
	expect(t, p.Publish(limited(t), message("nobody.has.this", "k", "1")), broker.ErrRejected, "no stream takes this subject")
	for _, subject := range []string{"", "a b", "a..b", "a.*", ">", ".a", "a\nb"} {
		expect(t, p.Publish(limited(t), message(subject, "k", "1")), broker.ErrRejected, "subject")
	}
	m := message(name, "k", "1")
	m.Event.SetExtension("note", strings.Repeat("x", 70_000))
	expect(t, p.Publish(limited(t), m), broker.ErrRejected)
	o.Stream = "another"
	expect(t, publisher(t, o).Publish(limited(t), message(name, "k", "1")), broker.ErrRejected, "another stream")
	if n := stored(t, js, name); n != 0 {
		t.Errorf("%d are stored", n)
	}
}

func TestWithoutJetStream(t *testing.T) {
	s := embedded(t, func(o *server.Options) { o.JetStream = false })
	p := publisher(t, nats.PublisherOptions{Connection: nats.Connection{URL: s.ClientURL()}})
	expect(t, p.Publish(limited(t), message("x", "k", "1")), broker.ErrUnavailable, "JetStream", "enable")
}

func TestPublisherOptions(t *testing.T) {
	for field, o := range map[string]nats.PublisherOptions{
		"Subject": {Subject: "a.*"}, "InFlight": {InFlight: -1}, "Timeout": {Timeout: -1},
		"URL or Options": {Connection: nats.Connection{URL: "nats://[::"}},
		"JetStream":      {JetStream: []jetstream.JetStreamOpt{jetstream.WithPublishAsyncMaxPending(-1)}},
	} {
		_, err := nats.NewPublisher(o)
		if e, ok := errors.AsType[*nats.InvalidError](err); !ok || e.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
