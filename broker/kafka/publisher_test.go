package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/kafka"
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
	if !ok || p.Kind != kind || p.Broker != "kafka" || p.ID == "" {
		t.Fatalf("got %v, want a PublishError of the kind %v", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

// stored counts the records of a topic.
func stored(t *testing.T, brokers []string, topic string) (n int64) {
	t.Helper()
	ends, err := kadm.NewClient(client(t, brokers)).ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	ends.Each(func(o kadm.ListedOffset) { n += o.Offset })
	return n
}

func TestOnTheWire(t *testing.T) {
	brokers := fake(t).ListenAddrs()
	name := topic(t, brokers, 8)
	p := publisher(t, kafka.PublisherOptions{Connection: kafka.Connection{Brokers: brokers}, Topic: name})
	for i := range 3 {
		if err := p.Publish(limited(t), message("", "order 7", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	reader := client(t, brokers, kgo.ConsumeTopics(name))
	var all []*kgo.Record
	for len(all) < 3 && limited(t).Err() == nil {
		all = append(all, reader.PollFetches(limited(t)).Records()...)
	}
	for i, r := range all {
		want := fmt.Sprintf("ce_specversion=1.0 ce_id=%d ce_source=https://shop.example/orders ce_type=order.placed.v1 ce_subject=größer content-type=application/json", i)
		var got []string
		for _, h := range r.Headers {
			got = append(got, h.Key+"="+string(h.Value))
		}
		if s := strings.Join(got, " "); s != want || string(r.Key) != "order 7" || string(r.Value) != `{"n":1}` || r.Partition != all[0].Partition {
			t.Errorf("record %d of partition %d under %q has %s\nwant %s", i, r.Partition, r.Key, s, want)
		}
	}
}

func TestRejections(t *testing.T) {
	c := fake(t)
	brokers := c.ListenAddrs()
	name := topic(t, brokers, 1)
	p := publisher(t, kafka.PublisherOptions{Connection: kafka.Connection{Brokers: brokers, Options: []kgo.Opt{kgo.UnknownTopicRetries(1)}}})
	large := message(name, "k", "large")
	large.Event.DataEncoded = make([]byte, 2<<20)
	expect(t, p.Publish(limited(t), large), broker.ErrRejected, "max.message.bytes")
	expect(t, p.Publish(limited(t), message("nobody-has-this", "k", "1")), broker.ErrRejected, "create the topic")
	for _, bad := range []string{"", "a b", "ä", ".", strings.Repeat("x", 250)} {
		expect(t, p.Publish(limited(t), message(bad, "k", "1")), broker.ErrRejected, "topic")
	}
	for _, f := range []struct {
		err  *kerr.Error
		kind error
		hint string
	}{
		{kerr.TopicAuthorizationFailed, broker.ErrRejected, "permission"},
		{kerr.MessageTooLarge, broker.ErrRejected, "max.message.bytes"},
		{kerr.InvalidRecord, broker.ErrRejected, "keys"},
		{kerr.PolicyViolation, broker.ErrRejected, "policy"},
		{kerr.ClusterAuthorizationFailed, broker.ErrUnavailable, "IDEMPOTENT_WRITE"},
	} {
		h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: name, Err: f.err, Count: -1})
		expect(t, p.Publish(limited(t), message(name, "k", f.err.Message)), f.kind, f.err.Message, f.hint)
		h.Remove()
	}
	if err := p.Publish(limited(t), message(name, "k", "good")); err != nil {
		t.Fatal(err)
	}
}

func TestTooFewReplicasAreUnavailableUntilThereAreEnough(t *testing.T) {
	c := fake(t)
	brokers := c.ListenAddrs()
	name := topic(t, brokers, 1)
	p := publisher(t, kafka.PublisherOptions{Connection: kafka.Connection{Brokers: brokers}, Timeout: time.Second})
	h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
	expect(t, p.Publish(limited(t), message(name, "k", "1")), broker.ErrUnavailable)
	h.Remove()
	for ctx := limited(t); ; {
		err := p.Publish(ctx, message(name, "k", "2"))
		if err == nil {
			return
		}
		expect(t, err, broker.ErrUnavailable) // the client fails together what is in one partition
	}
}

// TestFurtherAttemptsDoNotWriteTwice loses the answer to a request that was
// carried out.
func TestFurtherAttemptsDoNotWriteTwice(t *testing.T) {
	c := fake(t)
	brokers := c.ListenAddrs()
	name := topic(t, brokers, 1)
	p := publisher(t, kafka.PublisherOptions{Connection: kafka.Connection{Brokers: brokers}})
	h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicasAfterAppend, Count: 2})
	if err := p.Publish(limited(t), message(name, "k", "1")); err != nil {
		t.Fatal(err)
	}
	if n := stored(t, brokers, name); n != 1 || h.Hits() != 2 {
		t.Errorf("%d are stored after %d faults", n, h.Hits())
	}
}
