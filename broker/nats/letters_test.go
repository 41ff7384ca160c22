package nats_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/nats"
)

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	s := embedded(t, nil)
	js := dial(t, s.ClientURL())
	name := stream(t, js, nil)
	connection := nats.Connection{URL: s.ClientURL()}
	p := publisher(t, nats.PublisherOptions{Connection: connection})
	publishAll(t, p, name, "k", 0, 2)
	if _, err := js.Publish(t.Context(), name, []byte("garbage")); err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int64
	ids := make(chan string, 10)
	subscribe(t, subscriber(t, nats.SubscriberOptions{
		Connection: connection, Stream: name, Subjects: []string{name}, Durable: "d", DeadSubject: name + ".dead",
		Attempts: 3, Backoff: func(int) time.Duration { return time.Millisecond },
	}), func(_ context.Context, d broker.Delivery) error {
		if d.Event.ID() == "k-0" {
			calls.Add(1)
			return errors.New("the till is closed")
		}
		ids <- d.Event.ID()
		return nil
	})
	take(t, ids, 1)
	dead := map[string]client.Header{}
	letters, err := js.CreateConsumer(t.Context(), name, jetstream.ConsumerConfig{FilterSubject: name + ".dead"})
	if err != nil {
		t.Fatal(err)
	}
	for len(dead) < 2 {
		m, err := letters.Next(jetstream.FetchMaxWait(30 * time.Second))
		if err != nil {
			t.Fatal(err)
		}
		dead[string(m.Data())] = m.Headers()
	}
	spent, garbage := dead[`{"n":1}`], dead["garbage"]
	if calls.Load() != 3 || spent.Get("ce-id") != "k-0" || !strings.Contains(broker.UnescapeHeader(spent.Get("Cairn-Dead-Reason")), "the till is closed") {
		t.Errorf("after %d attempts the letter is %v", calls.Load(), spent)
	}
	if !strings.Contains(broker.UnescapeHeader(garbage.Get("Cairn-Dead-Reason")), "undecodable") || garbage.Get("Cairn-Dead-Subject") != name {
		t.Errorf("the letter of garbage is %v", garbage)
	}
}

// TestSendersWithoutHeaders reads events as a whole, with and without a header
// that says so.
func TestSendersWithoutHeaders(t *testing.T) {
	s := embedded(t, nil)
	js := dial(t, s.ClientURL())
	name := stream(t, js, nil)
	body := `{"specversion":"1.0","id":"%d","source":"/s","type":"t","partitionkey":"k","data":{"n":1}}`
	for i, h := range []client.Header{nil, {"content-type": {"application/cloudevents+json; charset=utf-8"}}} {
		m := &client.Msg{Subject: name, Header: h, Data: fmt.Appendf(nil, body, i)}
		if _, err := js.PublishMsg(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	keys := make(chan string, 10)
	subscribe(t, subscriber(t, nats.SubscriberOptions{Connection: nats.Connection{URL: s.ClientURL()}, Stream: name, Durable: "d", DeadSubject: "dead"}),
		func(_ context.Context, d broker.Delivery) error {
			keys <- d.Event.ID() + d.Key + string(d.Event.Data())
			return nil
		})
	if got := take(t, keys, 2); !slices.Equal(got, []string{`0k{"n":1}`, `1k{"n":1}`}) {
		t.Errorf("arrived %v", got)
	}
}
