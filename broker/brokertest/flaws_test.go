package brokertest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker"
)

// A recorder takes the place of a test, to see whether a check fails.
type recorder struct {
	testing.TB
	mu    sync.Mutex
	fails []string
}

func (r *recorder) fail(says string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = append(r.fails, says)
}

func (r *recorder) Helper()                        {}
func (r *recorder) Error(args ...any)              { r.fail(fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, a ...any) { r.fail(fmt.Sprintf(format, a...)) }

func (r *recorder) Fatal(args ...any) {
	r.fail(fmt.Sprint(args...))
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fail(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// A flaw is a way to be wrong, and a check that must find it out.
type flaw struct {
	name       string
	publish    func(broker.Publisher) broker.Publisher
	subscribe  func(broker.Subscriber) broker.Subscriber
	caughtBy   string
	impatience time.Duration // how long the check waits for what does not happen
}

// does is a publisher with another Publish.
type does struct {
	broker.Publisher
	publish func(ctx context.Context, m broker.Message) error
}

func (d does) Publish(ctx context.Context, m broker.Message) error { return d.publish(ctx, m) }

// isUsed leaves out the messages that only find out whether a subscriber is there.
func isUsed(m broker.Message) bool { return m.Event.Type() != probe }

// publishes makes a flawed publisher of a good one.
func publishes(flawed func(ctx context.Context, p broker.Publisher, m broker.Message) error) func(broker.Publisher) broker.Publisher {
	return func(p broker.Publisher) broker.Publisher {
		return does{p, func(ctx context.Context, m broker.Message) error {
			if !isUsed(m) {
				return p.Publish(ctx, m)
			}
			return flawed(ctx, p, m)
		}}
	}
}

type handler = func(context.Context, broker.Delivery) error

type subscribes func(ctx context.Context, handle handler) error

func (s subscribes) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	return s(ctx, handle)
}

// handles makes a subscriber whose handler is called in a flawed way.
func handles(flawed func(ctx context.Context, d broker.Delivery, handle handler) error) func(broker.Subscriber) broker.Subscriber {
	return func(s broker.Subscriber) broker.Subscriber {
		return subscribes(func(ctx context.Context, handle handler) error {
			return s.Subscribe(ctx, func(ctx context.Context, d broker.Delivery) error {
				if !isUsed(d.Message) {
					return handle(ctx, d)
				}
				return flawed(ctx, d, handle)
			})
		})
	}
}

func changed(change func(m *broker.Message)) func(broker.Publisher) broker.Publisher {
	return publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
		m.Event = m.Event.Clone()
		change(&m)
		return p.Publish(ctx, m)
	})
}

var errFlaw = errors.New("a flaw")

// fails makes another error of one that matches.
func fails(match, becomes error) func(broker.Publisher) broker.Publisher {
	return publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
		err := p.Publish(ctx, m)
		if errors.Is(err, match) {
			return becomes
		}
		return err
	})
}

var lost atomic.Int64

var flaws = []flaw{
	{name: "the key is lost", publish: changed(func(m *broker.Message) { m.Key = "" }), caughtBy: "messages arrive as they were published"},
	{name: "the subject is lost", publish: changed(func(m *broker.Message) { m.Event.SetSubject("") }), caughtBy: "messages arrive as they were published"},
	{name: "the time loses its fractions", publish: changed(func(m *broker.Message) { m.Event.SetTime(m.Event.Time().Truncate(time.Second)) }), caughtBy: "messages arrive as they were published"},
	{name: "an extension is lost", publish: changed(func(m *broker.Message) { m.Event.SetExtension("note", nil) }), caughtBy: "messages arrive as they were published"},
	{name: "bytes that are not UTF-8 are lost", publish: changed(func(m *broker.Message) {
		m.Event.DataEncoded = []byte(strings.ToValidUTF8(string(m.Event.DataEncoded), "?"))
	}), caughtBy: "messages arrive as they were published"},
	{name: "every fifth message is lost", caughtBy: "many publish at once", impatience: 700 * time.Millisecond,
		publish: publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
			if lost.Add(1)%5 == 0 {
				return nil
			}
			return p.Publish(ctx, m)
		})},
	{name: "confirmed too early", caughtBy: "a broker that is down",
		publish: publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
			_ = p.Publish(ctx, m)
			return nil
		})},
	{name: "every tenth message is overtaken", publish: overtaken, caughtBy: "one key, one after the other"},
	{name: "handled side by side", caughtBy: "one key, one after the other", impatience: 5 * time.Second,
		subscribe: handles(func(ctx context.Context, d broker.Delivery, handle handler) error {
			var both sync.WaitGroup
			both.Go(func() { _ = handle(ctx, d) })
			_ = handle(ctx, d)
			both.Wait()
			return nil
		})},
	{name: "anything is published", publish: publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
		if m.Event.Validate() != nil {
			return nil
		}
		return p.Publish(ctx, m)
	}), caughtBy: "a message without what it must have is rejected"},
	{name: "a rejected message is said to wait", publish: fails(broker.ErrRejected, broker.ErrUnavailable), caughtBy: "a message over the limit is rejected"},
	{name: "an outage is only an error", publish: fails(broker.ErrUnavailable, errFlaw), caughtBy: "a broker that is down"},
	{name: "an outage is a rejection", publish: fails(broker.ErrUnavailable, broker.ErrRejected), caughtBy: "a broker that does not answer"},
	{name: "the context is ignored", caughtBy: "a broker that does not answer", impatience: 2 * time.Second,
		publish: publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
			return p.Publish(context.WithoutCancel(ctx), m)
		})},
	{name: "the context is ignored at first", caughtBy: "a call whose context has ended publishes nothing",
		publish: publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
			return p.Publish(context.WithoutCancel(ctx), m)
		})},
	{name: "never the same after an outage", publish: broken, caughtBy: "a broker that is down", impatience: 700 * time.Millisecond},
	{name: "closed and still open", caughtBy: "closing waits for what is being published", publish: unclosed},
	{name: "an error acknowledges", subscribe: handles(func(ctx context.Context, d broker.Delivery, handle handler) error {
		_ = handle(ctx, d)
		return nil
	}), caughtBy: "a failed message comes again", impatience: 700 * time.Millisecond},
	{name: "a rejection is lost", subscribe: handles(func(ctx context.Context, d broker.Delivery, handle handler) error {
		if err := handle(ctx, d); !errors.Is(err, broker.ErrRejected) {
			return err
		}
		return nil
	}), caughtBy: "a rejected message goes to the sink", impatience: 700 * time.Millisecond},
	{name: "a rejected message comes again", subscribe: handles(func(ctx context.Context, d broker.Delivery, handle handler) error {
		if err := handle(ctx, d); err != nil && d.Attempt > 1 {
			return err
		} else if err != nil {
			return errFlaw
		}
		return nil
	}), caughtBy: "a rejected message goes to the sink"},
	{name: "a panic acknowledges", subscribe: handles(func(ctx context.Context, d broker.Delivery, handle handler) error {
		defer func() { _ = recover() }()
		return handle(ctx, d)
	}), caughtBy: "a handler that panics has failed", impatience: 700 * time.Millisecond},
	{name: "acknowledged before it is handled", subscribe: handles(func(ctx context.Context, d broker.Delivery, handle handler) error {
		go func() { _ = handle(ctx, d) }()
		return nil
	}), caughtBy: "nothing is acknowledged before it is handled", impatience: 700 * time.Millisecond},
	{name: "and never again when it was killed", subscribe: handles(func(ctx context.Context, d broker.Delivery, handle handler) error {
		go func() { _ = handle(ctx, d) }()
		return nil
	}), caughtBy: "killed between handling and acknowledging", impatience: 700 * time.Millisecond},
	{name: "a handler is left behind", subscribe: func(s broker.Subscriber) broker.Subscriber {
		return subscribes(func(ctx context.Context, handle handler) error {
			go func() { _ = s.Subscribe(ctx, handle) }()
			<-ctx.Done()
			return ctx.Err()
		})
	}, caughtBy: "a subscription ends with its last handler"},
	{name: "deaf after an outage", subscribe: func(s broker.Subscriber) broker.Subscriber {
		return subscribes(func(ctx context.Context, handle handler) error {
			probes := 0
			return s.Subscribe(ctx, func(ctx context.Context, d broker.Delivery) error {
				if probes++; probes > 1 {
					return nil
				}
				return handle(ctx, d)
			})
		})
	}, caughtBy: "a subscriber finds its broker again", impatience: 700 * time.Millisecond},
}

// overtaken publishes each tenth message after the next one of its key.
func overtaken(p broker.Publisher) broker.Publisher {
	var mu sync.Mutex
	held := map[string]broker.Message{}
	return publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasSuffix(m.Event.ID(), "-10") {
			held[m.Key] = m
			return nil
		}
		err := p.Publish(ctx, m)
		if h, ok := held[m.Key]; ok && err == nil {
			delete(held, m.Key)
			err = p.Publish(ctx, h)
		}
		return err
	})(p)
}

func broken(p broker.Publisher) broker.Publisher {
	var once atomic.Bool
	return publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
		if once.Load() {
			return broker.ErrUnavailable
		}
		err := p.Publish(ctx, m)
		if err != nil {
			once.Store(true)
		}
		return err
	})(p)
}

type neverClosed struct{ broker.Publisher }

func (neverClosed) Close(context.Context) error { return nil }

func unclosed(p broker.Publisher) broker.Publisher {
	n := 0
	var mu sync.Mutex
	return publishes(func(ctx context.Context, p broker.Publisher, m broker.Message) error {
		mu.Lock()
		n++
		enough := n > 500 && m.Event.ID() != "closed"
		mu.Unlock()
		if enough {
			return broker.ErrClosed
		}
		return p.Publish(ctx, m)
	})(neverClosed{p})
}

// TestKitFindsFlaws breaks a good broker in many ways; the kit has to notice.
func TestKitFindsFlaws(t *testing.T) {
	for _, f := range flaws {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(checks, func(c check) bool { return c.name == f.caughtBy })
			if i < 0 {
				t.Fatalf("there is no check %q", f.caughtBy)
			}
			if f.impatience > 0 && testing.Short() {
				t.Skip("it waits for what does not happen")
			}
			if fails := f.record(t, checks[i]); len(fails) > 0 {
				t.Logf("%.200s", fails[0])
			} else {
				t.Errorf("%q does not notice it", f.caughtBy)
			}
		})
	}
}

// record plays a check on the broken broker, and returns how it failed.
func (f flaw) record(t *testing.T, c check) []string {
	r := &recorder{TB: t}
	impatience := f.impatience
	if impatience == 0 {
		impatience = patience
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.play(r, Config{Open: f.open}, impatience)
	}()
	<-done
	return r.fails
}

func (f flaw) open(testing.TB) Broker {
	m := broker.NewMemory(broker.MemoryOptions{MaxSize: 1 << 20})
	return Broker{
		Topic: "tested", Line: m, TooLarge: 1<<20 + 1,
		Publisher: func(testing.TB) broker.Publisher {
			if f.publish == nil {
				return m.Publisher()
			}
			return f.publish(m.Publisher())
		},
		Subscriber: func(_ testing.TB, s Subscription) broker.Subscriber {
			good := m.Subscriber("tested", broker.MemorySubscription{Name: s.Name, Workers: s.Workers, Sink: s.Sink})
			if f.subscribe == nil {
				return good
			}
			return f.subscribe(good)
		},
	}
}
