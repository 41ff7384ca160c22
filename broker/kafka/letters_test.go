package kafka_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/kafka"
)

func TestDeadLetters(t *testing.T) {
	brokers := fake(t).ListenAddrs()
	name, dead := topic(t, brokers, 1), topic(t, brokers, 1)
	connection := kafka.Connection{Brokers: brokers}
	p := publisher(t, kafka.PublisherOptions{Connection: connection})
	publishAll(t, p, name, 0, 2, "k")
	if err := client(t, brokers).ProduceSync(t.Context(), &kgo.Record{Topic: name, Value: []byte("garbage")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int64
	ids := make(chan string, 10)
	subscribe(t, subscriber(t, kafka.SubscriberOptions{
		Connection: connection, Group: "g", Topics: []string{name}, DeadTopic: dead,
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
	reader := client(t, brokers, kgo.ConsumeTopics(dead))
	letters := map[string]map[string]string{}
	for ctx := limited(t); len(letters) < 2 && ctx.Err() == nil; {
		for _, r := range reader.PollFetches(ctx).Records() {
			h := map[string]string{}
			for _, header := range r.Headers {
				h[header.Key] = string(header.Value)
			}
			letters[string(r.Value)] = h
		}
	}
	spent, garbage := letters[`{"n":1}`], letters["garbage"]
	if calls.Load() != 3 || spent["ce_id"] != "k-0" || !strings.Contains(spent["cairn-dead-reason"], "the till is closed") {
		t.Errorf("after %d attempts the letter is %v", calls.Load(), spent)
	}
	if garbage["cairn-dead-topic"] != name || garbage["cairn-dead-offset"] != "0/2" || !strings.Contains(garbage["cairn-dead-reason"], "undecodable") {
		t.Errorf("the letter of garbage is %v", garbage)
	}
}

func TestForbiddenGroupEndsTheSubscription(t *testing.T) {
	c := fake(t)
	brokers := c.ListenAddrs()
	name := topic(t, brokers, 1)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.JoinGroup}, Err: kerr.GroupAuthorizationFailed, Count: -1, TopLevel: true})
	s := subscriber(t, kafka.SubscriberOptions{Connection: kafka.Connection{Brokers: brokers}, Group: "g", Topics: []string{name}, DeadTopic: "dead"})
	if err := s.Subscribe(limited(t), nobody); !errors.Is(err, kerr.GroupAuthorizationFailed) || !strings.Contains(err.Error(), `"g"`) {
		t.Errorf("Subscribe returned %v", err)
	}
}

// TestStructuredRecords reads what others have sent as a whole.
func TestStructuredRecords(t *testing.T) {
	brokers := fake(t).ListenAddrs()
	name := topic(t, brokers, 1)
	r := &kgo.Record{
		Topic: name, Headers: []kgo.RecordHeader{{Key: "Content-Type", Value: []byte("application/cloudevents+json; charset=UTF-8")}},
		Value: []byte(`{"specversion":"1.0","id":"7","source":"/s","type":"t","partitionkey":"k","data":{"n":1}}`),
	}
	if err := client(t, brokers).ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 10)
	subscribe(t, subscriber(t, kafka.SubscriberOptions{Connection: kafka.Connection{Brokers: brokers}, Group: "g", Topics: []string{name}, DeadTopic: "dead"}),
		func(_ context.Context, d broker.Delivery) error {
			got <- d.Event.ID() + d.Key + string(d.Event.Data())
			return nil
		})
	if got := take(t, got, 1); got[0] != `7k{"n":1}` {
		t.Errorf("arrived %v", got)
	}
}
