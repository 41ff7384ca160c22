package mqtt_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/mqtt"
)

func shop(m *mosquitto) mqtt.Connection {
	return mqtt.Connection{URL: "mqtt://" + m.address, User: "shop", Password: "secret", Reconnect: quick}
}

func TestAWrongPasswordIsNamedAndNotTriedHot(t *testing.T) {
	t.Parallel()
	m := ownBroker(t, "")
	at := shop(m)
	at.Password = "wrong-secret"
	var tries atomic.Int64
	at.OnConnection = func(error) { tries.Add(1) }
	at.Reconnect = func(int) time.Duration { return time.Hour }
	p := publisher(t, mqtt.PublisherOptions{Connection: at})
	for range 5 {
		err := p.Publish(t.Context(), message("shop/a", "1"))
		refused(t, err, broker.ErrUnavailable, "Password")
		if e, ok := errors.AsType[*mqtt.ReasonError](err); !ok || e.Code != 0x86 && e.Code != 0x87 {
			t.Errorf("got %v, without the broker's reason", err)
		}
	}
	if n := tries.Load(); n != 1 {
		t.Errorf("the broker was asked %d times", n)
	}
	s, err := mqtt.NewSubscriber(mqtt.SubscriberOptions{Connection: at, ClientID: "s", Filters: []string{"shop/#"}, Sink: throwAway})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Subscribe(t.Context(), nil)
	if _, ok := errors.AsType[*mqtt.SubscribeError](err); !ok || !strings.Contains(err.Error(), "Password") {
		t.Errorf("the subscription ended with %v", err)
	}
}

func TestATopicThatIsNotAllowedIsRejected(t *testing.T) {
	t.Parallel()
	m := ownBroker(t, "")
	p := publisher(t, mqtt.PublisherOptions{Connection: shop(m)})
	refused(t, p.Publish(t.Context(), message("other/a", "1")), broker.ErrRejected, "allow")
	if err := p.Publish(t.Context(), message("shop/a", "1")); err != nil {
		t.Errorf("and after that: %v", err)
	}
}

// The limit that a broker tells is kept without asking it.
func TestALimitThatTheBrokerTells(t *testing.T) {
	t.Parallel()
	m := ownBroker(t, "max_packet_size 2000")
	p := publisher(t, mqtt.PublisherOptions{Connection: shop(m)})
	large := message("shop/a", "1")
	large.Event.DataEncoded = []byte(`"` + strings.Repeat("x", 2000) + `"`)
	refused(t, p.Publish(t.Context(), large), broker.ErrRejected, "2000")
	if err := p.Publish(t.Context(), message("shop/a", "1")); err != nil {
		t.Errorf("and after that: %v", err)
	}
}

// One that it keeps to itself makes the message fail, and no other.
func TestALimitThatTheBrokerKeepsToItself(t *testing.T) {
	t.Parallel()
	m := ownBroker(t, "message_size_limit 2000")
	p := publisher(t, mqtt.PublisherOptions{Connection: shop(m)})
	large := message("shop/a", "1")
	large.Event.DataEncoded = []byte(`"` + strings.Repeat("x", 2000) + `"`)
	for range 2 {
		err := p.Publish(t.Context(), large)
		if err == nil || errors.Is(err, broker.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		insist(t, p, message("shop/a", "1"))
	}
}

// insist publishes until the broker is there.
func insist(t *testing.T, p broker.Publisher, m broker.Message) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := p.Publish(t.Context(), m)
		if err == nil {
			return
		}
		if !errors.Is(err, broker.ErrUnavailable) {
			t.Fatal(err)
		}
		<-tick.C
	}
}

// What nobody has subscribed to is told.
func TestUnmatchedIsTold(t *testing.T) {
	t.Parallel()
	need(t)
	unmatched := make(chan broker.Message, 10)
	p := publisher(t, mqtt.PublisherOptions{OnUnmatched: func(m broker.Message) { unmatched <- m }})
	if err := p.Publish(t.Context(), message("cairn/nobody/"+brokertest.Unique(), "lost")); err != nil {
		t.Fatal(err)
	}
	if len(unmatched) != 1 || (<-unmatched).Event.ID() != "lost" {
		t.Error("nobody was told")
	}
}

func TestMessagesThatCannotBeAreRejected(t *testing.T) {
	t.Parallel()
	p := publisher(t, mqtt.PublisherOptions{Connection: mqtt.Connection{URL: "mqtt://127.0.0.1:1", Reconnect: quick}})
	long, key := message("a", "1"), message("a", "1")
	long.Event.SetExtension("long", strings.Repeat("x", 1<<16))
	key.Key = "\xff"
	for name, m := range map[string]broker.Message{
		"no topic": message("", "1"), "wildcard": message("a/+", "1"), "wildcards": message("a/#", "1"), "null": message("a\x00", "1"),
		"not text": message("\xff", "1"), "long topic": message(strings.Repeat("x", 1<<16), "1"), "long attribute": long, "odd key": key,
	} {
		if err := p.Publish(t.Context(), m); !errors.Is(err, broker.ErrRejected) || errors.Is(err, broker.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused(t, p.Publish(t.Context(), message("a", "1")), broker.ErrUnavailable, "")
}

func TestInvalidOptionsAreNamed(t *testing.T) {
	t.Parallel()
	at := mqtt.Connection{URL: "mqtt://127.0.0.1"}
	ok := mqtt.SubscriberOptions{Connection: at, ClientID: "c", Filters: []string{"a"}, Sink: throwAway}
	with := func(change func(*mqtt.SubscriberOptions)) func() error {
		return func() error {
			o := ok
			change(&o)
			_, err := mqtt.NewSubscriber(o)
			return err
		}
	}
	publish := func(o mqtt.PublisherOptions) func() error {
		return func() error { _, err := mqtt.NewPublisher(o); return err }
	}
	for _, c := range []struct {
		field string
		make  func() error
	}{
		{"URL", publish(mqtt.PublisherOptions{})},
		{"URL", publish(mqtt.PublisherOptions{Connection: mqtt.Connection{URL: "http://127.0.0.1"}})},
		{"URL", publish(mqtt.PublisherOptions{Connection: mqtt.Connection{URL: "mqtt://user:secret@127.0.0.1"}})},
		{"KeepAlive", publish(mqtt.PublisherOptions{Connection: mqtt.Connection{URL: at.URL, KeepAlive: time.Millisecond}})},
		{"Expiry", publish(mqtt.PublisherOptions{Connection: at, Expiry: -1})},
		{"ClientID", with(func(o *mqtt.SubscriberOptions) { o.ClientID = "" })},
		{"Filters", with(func(o *mqtt.SubscriberOptions) { o.Filters = nil })},
		{"Filters", with(func(o *mqtt.SubscriberOptions) { o.Filters = []string{"$share/g/a"} })},
		{"Filters", with(func(o *mqtt.SubscriberOptions) { o.Filters = []string{"a", "b/#/c"} })},
		{"Filters", with(func(o *mqtt.SubscriberOptions) { o.Filters = []string{"a+/b"} })},
		{"Filters", with(func(o *mqtt.SubscriberOptions) { o.Filters = []string{""} })},
		{"Group", with(func(o *mqtt.SubscriberOptions) { o.Group = "a/b" })},
		{"Session", with(func(o *mqtt.SubscriberOptions) { o.Session = 1 })},
		{"Window", with(func(o *mqtt.SubscriberOptions) { o.Window = 70000 })},
		{"Sink", with(func(o *mqtt.SubscriberOptions) { o.Sink = nil })},
	} {
		err := c.make()
		if e, ok := errors.AsType[*mqtt.InvalidError](err); !ok || e.Field != c.field || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, and not that %s is invalid", err, c.field)
		}
	}
}

// A caller waits for the first connection as long as it likes, and no longer.
func TestABrokerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	proxy := brokertest.NewProxy(t)
	need(t)
	proxy.Stall()
	p := publisher(t, mqtt.PublisherOptions{Connection: mqtt.Connection{URL: "mqtt://" + proxy.Address(host(t, address()))}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	refused(t, p.Publish(ctx, message("a", "1")), broker.ErrUnavailable, "")
}
