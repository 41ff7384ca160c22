package watermill_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	wm "github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/watermill"
)

func quick(int) time.Duration { return 10 * time.Millisecond }

func throwAway(context.Context, broker.Letter) error { return nil }

// keep is a pub/sub whose Close is the test's, not a publisher's: many share it.
type keep struct{ *gochannel.GoChannel }

func (keep) Close() error { return nil }

func open(structured bool) func(t testing.TB) brokertest.Broker {
	return func(t testing.TB) brokertest.Broker {
		pubsub := gochannel.NewGoChannel(gochannel.Config{OutputChannelBuffer: 1000}, wm.NopLogger{})
		t.Cleanup(func() { pubsub.Close() })
		topic := "tested"
		return brokertest.Broker{
			Topic: topic, TooLarge: 1<<20 + 1,
			Publisher: func(testing.TB) broker.Publisher {
				return watermill.NewPublisher(keep{pubsub}, watermill.PublisherOptions{MaxSize: 1 << 20, Structured: structured})
			},
			Subscriber: func(t testing.TB, s brokertest.Subscription) broker.Subscriber {
				if s.Sink == nil {
					s.Sink = throwAway
				}
				sub, err := watermill.NewSubscriber(pubsub, watermill.SubscriberOptions{Topic: topic, Workers: s.Workers, Sink: s.Sink, Backoff: quick})
				if err != nil {
					t.Fatal(err)
				}
				return sub
			},
			Garbage: func(t testing.TB, body []byte) {
				if err := pubsub.Publish(topic, message.NewMessage("1", body)); err != nil {
					t.Fatal(err)
				}
			},
		}
	}
}

// gochannel keeps nothing for who is not there, gives everything to everybody,
// and sends each message in a goroutine of its own, without an order.
var lacks = []brokertest.Feature{brokertest.Durable, brokertest.Sharing, brokertest.Order}

func TestConformance(t *testing.T) {
	brokertest.Run(t, brokertest.Config{Open: open(false), Lacks: lacks})
}

func TestConformanceStructured(t *testing.T) {
	brokertest.Run(t, brokertest.Config{Open: open(true), Lacks: lacks})
}

func event(topic, id string) broker.Message {
	e := cloudevents.New()
	e.SetID(id)
	e.SetSource("/s")
	e.SetType("t")
	return broker.Message{Event: e, Topic: topic, Key: "k"}
}

// A failing publisher fails, or panics, with an error.
type failing struct {
	err    error
	panics bool
}

func (f failing) Publish(string, ...*message.Message) error {
	if f.panics {
		panic(f.err)
	}
	return f.err
}

func (failing) Close() error { return nil }

func TestWhatAnErrorMeans(t *testing.T) {
	errOwn := errors.New("too large for us")
	classify := func(err error) error {
		if errors.Is(err, errOwn) {
			return broker.ErrRejected
		}
		return nil
	}
	for name, c := range map[string]struct {
		to   failing
		kind error
	}{
		"a network":          {failing{err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, broker.ErrUnavailable},
		"the end of it":      {failing{err: fmt.Errorf("reading: %w", io.EOF)}, broker.ErrUnavailable},
		"a deadline":         {failing{err: context.DeadlineExceeded}, broker.ErrUnavailable},
		"what the user says": {failing{err: errOwn}, broker.ErrRejected},
		"anything":           {failing{err: errors.New("odd")}, nil},
		"a panic":            {failing{err: errors.New("oops"), panics: true}, nil},
	} {
		p := watermill.NewPublisher(c.to, watermill.PublisherOptions{Classify: classify})
		err := p.Publish(t.Context(), event("a", "1"))
		if _, ok := errors.AsType[*broker.PublishError](err); !ok {
			t.Errorf("%s: got %v", name, err)
		}
		for _, kind := range []error{broker.ErrUnavailable, broker.ErrRejected} {
			if errors.Is(err, kind) != (kind == c.kind) {
				t.Errorf("%s: %v should match %v only", name, err, c.kind)
			}
		}
	}
	p := watermill.NewPublisher(failing{}, watermill.PublisherOptions{})
	if err := p.Publish(t.Context(), event("", "1")); !errors.Is(err, broker.ErrRejected) {
		t.Errorf("without a topic: %v", err)
	}
}

// A source hands out what the test says and remembers what is acknowledged.
type source struct{ messages chan *message.Message }

func (s source) Subscribe(context.Context, string) (<-chan *message.Message, error) {
	return s.messages, nil
}
func (source) Close() error { return nil }

// A message that fails is given back, and with it what is behind it under its key,
// and nothing else.
func TestWhatFailsIsGivenBackWithItsKey(t *testing.T) {
	s := source{make(chan *message.Message, 10)}
	sub, err := watermill.NewSubscriber(s, watermill.SubscriberOptions{Topic: "a", Attempts: 2, Backoff: quick, Sink: throwAway})
	if err != nil {
		t.Fatal(err)
	}
	var all []*message.Message
	for _, c := range []struct{ id, key string }{{"failing", "k"}, {"behind", "k"}, {"other", "l"}} {
		m := event("a", c.id)
		m.Key = c.key
		out, err := watermill.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out)
		s.messages <- out
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	var mu sync.Mutex
	handled := map[string]int{}
	go func() {
		done <- sub.Subscribe(ctx, func(_ context.Context, d broker.Delivery) error {
			mu.Lock()
			defer mu.Unlock()
			handled[d.Event.ID()]++
			if d.Event.ID() == "failing" {
				return errors.New("failed")
			}
			return nil
		})
	}()
	<-all[0].Nacked()
	<-all[1].Nacked()
	<-all[2].Acked()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if handled["failing"] != 2 || handled["behind"] != 0 || handled["other"] != 1 {
		t.Errorf("handled %v", handled)
	}
}

func TestASubscriptionThatEndsByItself(t *testing.T) {
	s := source{make(chan *message.Message)}
	close(s.messages)
	sub, err := watermill.NewSubscriber(s, watermill.SubscriberOptions{Topic: "a", Sink: throwAway})
	if err != nil {
		t.Fatal(err)
	}
	if err := sub.Subscribe(t.Context(), nil); !errors.Is(err, watermill.ErrEnded) {
		t.Errorf("ended with %v", err)
	}
}

func TestInvalidOptionsAreNamed(t *testing.T) {
	for field, o := range map[string]watermill.SubscriberOptions{
		"Topic": {Sink: throwAway}, "Sink": {Topic: "a"}, "Workers": {Topic: "a", Sink: throwAway, Workers: -1}, "Attempts": {Topic: "a", Sink: throwAway, Attempts: -1},
	} {
		_, err := watermill.NewSubscriber(source{}, o)
		if e, ok := errors.AsType[*watermill.InvalidError](err); !ok || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// Whatever comes is an event, or a letter that says why not; an event that is
// published again reads the same.
func FuzzDecode(f *testing.F) {
	f.Add("application/json", "ce_id", "1", "cairn-key", "k", true, []byte(`{}`))
	f.Add("application/cloudevents+json", "", "", "", "", false, []byte(`{"specversion":"1.0","id":"1","source":"/","type":"t"}`))
	f.Fuzz(func(t *testing.T, contentType, n1, v1, n2, v2 string, whole bool, body []byte) {
		in := message.NewMessage("1", body)
		in.Metadata.Set("content-type", contentType)
		if whole {
			for name, v := range map[string]string{"specversion": "1.0", "id": "i", "source": "/s", "type": "t"} {
				in.Metadata.Set("ce_"+name, v)
			}
		}
		in.Metadata.Set(n1, v1)
		in.Metadata.Set(n2, v2)
		m, l := watermill.Decode(in)
		if l.Err != nil {
			if !errors.Is(l.Err, broker.ErrUndecodable) {
				t.Fatalf("%v is not ErrUndecodable", l.Err)
			}
			return
		}
		out, err := watermill.Encode(m)
		if err != nil {
			t.Fatalf("what was read cannot be published: %v", err)
		}
		again, l := watermill.Decode(out)
		if l.Err != nil || again.Event.String() != m.Event.String() || again.Key != m.Key {
			t.Fatalf("read %v, and published again %v (%v)", m.Event, again.Event, l.Err)
		}
	})
}

func Example() {
	pubsub := gochannel.NewGoChannel(gochannel.Config{Persistent: true}, wm.NopLogger{})
	p := watermill.NewPublisher(pubsub, watermill.PublisherOptions{})
	m := event("orders", "1")
	if err := p.Publish(context.Background(), m); err != nil {
		fmt.Println(err)
	}
	s, err := watermill.NewSubscriber(pubsub, watermill.SubscriberOptions{Topic: "orders", Sink: throwAway})
	if err != nil {
		fmt.Println(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	err = s.Subscribe(ctx, func(_ context.Context, d broker.Delivery) error {
		fmt.Println(d.Event.ID(), d.Event.Type(), strings.ToUpper(d.Key))
		stop()
		return nil
	})
	fmt.Println(err)
	// Output:
	// 1 t K
	// context canceled
}
