package log_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/log"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
)

const topic = "tested"

func open(t testing.TB) cairn.Store {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func inLog(t testing.TB) brokertest.Broker {
	store := open(t)
	return brokertest.Broker{
		Topic:     topic,
		Publisher: func(testing.TB) broker.Publisher { return log.NewPublisher(store, log.PublisherOptions{}) },
		Subscriber: func(t testing.TB, s brokertest.Subscription) broker.Subscriber {
			return subscriber(t, store, log.SubscriberOptions{Topic: topic, Name: s.Name, Sink: s.Sink, Group: group.Options{
				Workers: s.Workers, Partitions: 8, Backoff: func(int) time.Duration { return time.Millisecond },
			}})
		},
		TooLarge: cairn.MaxEventSize + 1,
		Garbage: func(t testing.TB, body []byte) {
			if _, err := store.Append(t.Context(), topic+"-other", cairn.Any, cairn.Event{Type: "garbage", Data: body}); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func subscriber(t testing.TB, store cairn.Store, o log.SubscriberOptions) *log.Subscriber {
	t.Helper()
	if o.Name == "" {
		o.Name = "subscription"
	}
	s, err := log.NewSubscriber(store, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLog(t *testing.T) {
	brokertest.Run(t, brokertest.Config{Open: inLog})
}

func TestRelayToLog(t *testing.T) {
	brokertest.RunRelay(t, brokertest.RelayConfig{
		Config: brokertest.Config{Open: inLog},
		Store:  func(t testing.TB) cairn.Store { return open(t) },
	})
}

func message(id, correlation string) broker.Message {
	e := cloudevents.New()
	e.SetID(id)
	e.SetSource("/shop")
	e.SetType("order.placed")
	if correlation != "" {
		e.SetExtension("correlationid", correlation)
	}
	_ = e.SetData("application/json", map[string]int{"total": 12})
	return broker.Message{Event: e, Topic: topic, Key: "7"}
}

// TestWhatIsStored: others read the events, too, so their form is a promise.
func TestWhatIsStored(t *testing.T) {
	store, domain := open(t), cairn.NewID().String()
	p := log.NewPublisher(store, log.PublisherOptions{Topic: "elsewhere"})
	for range 2 { // a relay that was killed says it again
		if err := p.Publish(t.Context(), message(domain+".0", "talk")); err != nil {
			t.Fatal(err)
		}
	}
	all, err := cairn.Collect(store.ReadStream(t.Context(), topic+"-7", cairn.ReadOptions{}))
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	const metadata = `{"$causationId":"%","$correlationId":"talk","ce-correlationid":"talk","ce-datacontenttype":"application/json","ce-id":"%.0","ce-source":"/shop","ce-specversion":"1.0","ce-type":"order.placed","key":"7"}`
	e := all[0]
	if e.Type != "order.placed" || string(e.Data) != `{"total":12}` || e.Format != cairn.JSON || string(e.Metadata) != strings.ReplaceAll(metadata, "%", domain) {
		t.Errorf("stored: %s %s %v\n%s", e.Type, e.Data, e.Format, e.Metadata)
	}
}

// TestCause: what follows from a delivery is caused by the event in the log.
func TestCause(t *testing.T) {
	store := open(t)
	if err := log.NewPublisher(store, log.PublisherOptions{}).Publish(t.Context(), message("anything", "")); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var cause cairn.Recorded
	err := subscriber(t, store, log.SubscriberOptions{Topic: topic}).Subscribe(ctx, func(_ context.Context, d broker.Delivery) error {
		cause = broker.CauseOf(d)
		stop()
		return nil
	})
	if !errors.Is(err, context.Canceled) || cause.Stream != topic+"-7" || cause.ID.IsZero() {
		t.Error(cause, err)
	}
}

// TestParked: what is rejected where no sink is waits in the group.
func TestParked(t *testing.T) {
	store := open(t)
	if err := log.NewPublisher(store, log.PublisherOptions{}).Publish(t.Context(), message("a", "")); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	o := log.SubscriberOptions{Topic: topic, Name: "s", Group: group.Options{OnParked: func(*cairn.Recorded, int, error) { stop() }}}
	err := subscriber(t, store, o).Subscribe(ctx, func(context.Context, broker.Delivery) error { return broker.ErrRejected })
	parked, failed := group.Parked(t.Context(), store, "s")
	if !errors.Is(err, context.Canceled) || failed != nil || len(parked) != 1 || parked[0].Key != topic+"-7" {
		t.Error(parked, failed, err)
	}
}

func TestInvalid(t *testing.T) {
	store := open(t)
	for _, o := range []log.SubscriberOptions{{}, {Topic: "a"}, {Name: "n"}, {Topic: "a-b", Name: "n"}, {Topic: "$a", Name: "n"}} {
		if _, err := log.NewSubscriber(store, o); !errors.Is(err, cairn.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	p := log.NewPublisher(store, log.PublisherOptions{})
	for what, change := range map[string]func(*broker.Message){
		"no topic":              func(m *broker.Message) { m.Topic = "" },
		"a stream as its topic": func(m *broker.Message) { m.Topic = "a-b" },
		"a topic of the system": func(m *broker.Message) { m.Topic = "$a" },
		"a broken topic":        func(m *broker.Message) { m.Topic = "a\xff" },
		"a broken key":          func(m *broker.Message) { m.Key = "a\xff" },
		"a type of the system":  func(m *broker.Message) { m.Event.SetType("$>") },
		"a type without end":    func(m *broker.Message) { m.Event.SetType(strings.Repeat("a", cairn.MaxTypeName+1)) },
	} {
		m := message("a", "")
		change(&m)
		err := p.Publish(t.Context(), m)
		if of, ok := errors.AsType[*broker.PublishError](err); !ok || !errors.Is(err, broker.ErrRejected) || of.Broker != "log" || of.ID != "a" {
			t.Errorf("a message with %s: %v", what, err)
		}
	}
	if info, err := store.Info(t.Context()); err != nil || info.Head != 0 {
		t.Error("something was stored:", info.Head, err)
	}
}

// TestWhoseFault: a key whose stream is closed for good is closed for good, and a
// store that is closed is so for any message.
func TestWhoseFault(t *testing.T) {
	store := open(t)
	p := log.NewPublisher(store, log.PublisherOptions{Topic: topic})
	closing := cairn.Write{Stream: topic + "-7", Expected: cairn.Any, Delete: cairn.Tombstone}
	if _, err := store.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{closing}}); err != nil {
		t.Fatal(err)
	}
	m := message("a", "")
	if err := p.Publish(t.Context(), m); !errors.Is(err, broker.ErrRejected) || !errors.Is(err, cairn.ErrStreamDeleted) {
		t.Error(err)
	}
	m.Topic, m.Key = "", "8"
	if err := p.Publish(t.Context(), m); err != nil {
		t.Error("another key, and the topic of the options:", err)
	}
	store.Close()
	if err := p.Publish(t.Context(), m); !errors.Is(err, broker.ErrUnavailable) || !errors.Is(err, cairn.ErrClosed) {
		t.Error(err)
	}
}

// The group of a subscriber says what it is.
func TestAbout(t *testing.T) {
	store := open(t)
	s := subscriber(t, store, log.SubscriberOptions{Topic: topic, Name: "n", Group: group.Options{Partitions: 2, About: component.About{Service: "shop"}}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	publisher := log.NewPublisher(store, log.PublisherOptions{})
	if err := publisher.Publish(ctx, message("1", "")); err != nil {
		t.Fatal(err)
	}
	_ = s.Subscribe(ctx, func(context.Context, broker.Delivery) error {
		cancel()
		return nil
	})
	status, err := group.Status(t.Context(), store, "n")
	want := component.About{Kind: "subscriber", Service: "shop", Via: "log", Hears: []string{topic}}
	if err != nil || !status.About.Equal(want) || s.Via() != "log" || publisher.Via() != "log" {
		t.Errorf("it is described as %+v, %v", status.About, err)
	}
}
