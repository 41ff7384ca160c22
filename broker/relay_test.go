package broker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/storetest"
)

// A desk is a store, a broker and a relay between them, in virtual time, and
// what the relay's hooks were told.
type desk struct {
	*testing.T
	store  cairn.Store
	broker *broker.Memory
	o      broker.RelayOptions

	mu       sync.Mutex
	told     []string
	attempts int // of publishing
}

func relayed(t *testing.T, test func(d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{T: t, store: storetest.NewReference(), broker: broker.NewMemory(broker.MemoryOptions{MaxSize: 100})}
		defer d.store.Close()
		d.o = broker.RelayOptions{
			Contract: shop(t), Mapping: typed, Publisher: &counting{d.broker.Publisher(), d},
			OnSkipped: func(e *cairn.Recorded, reason error) { d.tell("skipped %s: %v", e.Type, reason) },
			OnFailed: func(e *cairn.Recorded, attempt int, parked bool, err error) {
				d.tell("failed %d parked %v %s", attempt, parked, e.Stream)
			},
			OnResumed: func(time.Duration) { d.tell("resumed") },
		}
		test(d)
	})
}

func (d *desk) tell(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = append(d.told, fmt.Sprintf(format, args...))
}

func (d *desk) said() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.told)
}

func (d *desk) tries() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.attempts
}

// counting counts attempts.
type counting struct {
	broker.Publisher
	desk *desk
}

func (c *counting) Publish(ctx context.Context, m broker.Message) error {
	c.desk.mu.Lock()
	c.desk.attempts++
	c.desk.mu.Unlock()
	return c.Publisher.Publish(ctx, m)
}

// put appends events, each given as its stream and type and perhaps its data.
func (d *desk) put(all ...string) {
	d.Helper()
	for _, s := range all {
		stream, rest, _ := strings.Cut(s, " ")
		typ, data, ok := strings.Cut(rest, " ")
		if !ok {
			data = "{}"
		}
		if _, err := d.store.Append(d.Context(), stream, cairn.Any, cairn.Event{Type: typ, Data: []byte(data)}); err != nil {
			d.Fatal(err)
		}
	}
}

// run runs the relay; stop ends it and returns what it returned.
func (d *desk) run() (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- broker.Relay(ctx, d.store, "r", d.o) }()
	synctest.Wait()
	return func() error {
		cancel()
		return <-done
	}
}

// published are the subjects and types at the broker.
func (d *desk) published() (all []string) {
	for _, m := range d.broker.Messages("orders") {
		if d.o.Group.Key == nil {
			equal(d, "the key of a message", m.Key, m.Event.Subject())
		}
		all = append(all, m.Event.Subject()+" "+strings.Split(m.Event.Type(), ".")[3])
	}
	return all
}

func (d *desk) parked() (all []string) {
	d.Helper()
	keys, err := group.Parked(d.Context(), d.store, "r")
	if err != nil {
		d.Fatal(err)
	}
	for _, k := range keys {
		all = append(all, fmt.Sprintf("%s×%d: %s", k.Key, k.Count, k.Error))
	}
	return all
}

func TestRelayPublishesWhatIsMapped(t *testing.T) {
	relayed(t, func(d *desk) {
		d.o.Group.Workers = 1
		d.put("order-1 order.placed", "order-1 order.moved", "order-1 unheard.of", "order-1 order.cancelled")
		stop := d.run()
		d.put("order-2 order.placed")
		synctest.Wait()
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		equal(t, "published", d.published(), "[order-1 placed order-1 cancelled order-1 placed order-2 placed]")
		equal(t, "told", d.said(), "[skipped order.moved: broker: the event is not mapped skipped unheard.of: broker: the event is not mapped]")
		equal(t, "parked", d.parked(), "[]")
		d.run()() // has nothing more to do
		equal(t, "published after a restart", len(d.published()), 4)
		s, err := group.Status(d.Context(), d.store, "r")
		if err != nil || s.Lag != 0 {
			t.Error(s.Lag, err)
		}
	})
}

func TestRelayHoldsWhileTheBrokerIsAway(t *testing.T) {
	relayed(t, func(d *desk) {
		d.broker.Cut()
		for i := range 1000 {
			d.put(fmt.Sprintf("order-%d order.placed", i%300))
		}
		stop := d.run()
		time.Sleep(time.Minute)
		synctest.Wait()
		before := d.tries() // the first of each worker and a few
		time.Sleep(10 * time.Minute)
		if n := d.tries() - before; n < 10 || n > 400 {
			t.Errorf("in ten minutes there were %d attempts by all workers together", n)
		}
		if before > 256+100 {
			t.Errorf("in the first minute there were %d attempts", before)
		}
		equal(t, "told", d.said(), "[]")
		d.broker.Mend()
		time.Sleep(31 * time.Second)
		synctest.Wait()
		equal(t, "published", len(d.published()), 1000)
		equal(t, "told", d.said(), "[resumed]")
		equal(t, "parked", d.parked(), "[]")
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestRelayEndsWhileItHolds(t *testing.T) {
	relayed(t, func(d *desk) {
		d.broker.Cut()
		d.put("order-1 order.placed", "order-2 order.placed", "order-3 order.placed")
		if err := d.run()(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		d.broker.Mend()
		stop := d.run()
		stop()
		equal(t, "published", len(d.published()), 3)
		equal(t, "told", d.said(), "[]")
	})
}

func TestABrokerThatDoesNotAnswerIsAway(t *testing.T) {
	relayed(t, func(d *desk) {
		d.broker.Stall()
		d.put("order-1 order.placed")
		stop := d.run()
		defer stop()
		time.Sleep(5 * time.Minute)
		if n := d.tries(); n < 3 || n > 11 {
			t.Errorf("%d attempts in five minutes, of thirty seconds and more each", n)
		}
		d.broker.Mend()
		time.Sleep(time.Minute)
		synctest.Wait()
		equal(t, "published", d.published(), "[order-1 placed]")
		equal(t, "told", d.said(), "[resumed]")
	})
}

func TestRelayParksWhatIsRejected(t *testing.T) {
	relayed(t, func(d *desk) {
		long := fmt.Sprintf(`{"customer":"%s"}`, strings.Repeat("x", 200))
		d.o.Mapping = broker.Typed(events, func(e event, r cairn.Recorded) ([]broker.Draft, error) {
			return []broker.Draft{orderPlaced.Draft(placedV1{Order: e.(placed).Customer})}, nil
		})
		d.put("order-1 order.placed "+long, "order-1 order.placed", "order-2 order.placed")
		stop := d.run()
		defer stop()
		time.Sleep(10 * time.Second)
		equal(t, "published", d.published(), "[order-2 placed]")
		equal(t, "told", d.said(), "[failed 1 parked true order-1]")
		if p := d.parked(); len(p) != 1 || !strings.HasPrefix(p[0], "order-1×2: ") || !strings.Contains(p[0], "order.placed at position 1: ") || !strings.Contains(p[0], "at most 100") {
			t.Errorf("parked are %q", p)
		}
	})
}

func TestRelayParksWhatCannotBeMapped(t *testing.T) {
	relayed(t, func(d *desk) {
		d.o.Mapping = broker.ByType(map[string]broker.Mapping{
			"order.placed": typed,
			"panics":       func(cairn.Recorded) ([]broker.Draft, error) { panic("oh no") },
			"strange":      func(cairn.Recorded) ([]broker.Draft, error) { return []broker.Draft{{Type: "strange"}}, nil },
			"unsure":       func(cairn.Recorded) ([]broker.Draft, error) { return nil, errors.New("perhaps later") },
		})
		d.o.Group.Attempts = 3
		d.put("a-1 panics", "b-1 strange", "c-1 unsure", "d-1 order.placed nonsense", "e-1 order.placed")
		stop := d.run()
		defer stop()
		time.Sleep(time.Minute)
		equal(t, "published", d.published(), "[e-1 placed]")
		p := d.parked()
		if len(p) != 4 {
			t.Fatalf("parked are %q", p)
		}
		for i, says := range []string{"panicked: oh no", `type "strange": its type is not registered`, "perhaps later", "order.placed"} {
			if !strings.Contains(p[i], says) || !strings.Contains(p[i], fmt.Sprintf("at position %d", i+1)) {
				t.Errorf("parked is %q, which does not say %q", p[i], says)
			}
		}
		failed := map[string]int{}
		for _, s := range d.said() {
			failed[s[len(s)-3:]]++
		}
		equal(t, "attempts", failed, "map[a-1:1 b-1:1 c-1:3 d-1:1]")
	})
}

// A moody publisher answers as it is told.
type moody func(m broker.Message) error

func (f moody) Publish(_ context.Context, m broker.Message) error { return f(m) }
func (f moody) Close(context.Context) error                       { return nil }

func TestOtherErrorsAreTriedAgain(t *testing.T) {
	relayed(t, func(d *desk) {
		n := map[string]int{}
		d.o.Publisher = moody(func(m broker.Message) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			n[m.Event.Subject()]++
			switch {
			case m.Event.Subject() == "order-1" && n["order-1"] == 1:
				return errors.New("not now")
			case m.Event.Subject() == "order-2" && n["order-2"] == 1:
				panic("oh no")
			case m.Event.Subject() == "order-3":
				return errors.New("never")
			}
			return nil
		})
		d.put("order-1 order.placed", "order-2 order.placed", "order-3 order.placed")
		stop := d.run()
		defer stop()
		time.Sleep(5 * time.Minute)
		d.mu.Lock()
		defer d.mu.Unlock()
		equal(t, "attempts", n, "map[order-1:2 order-2:2 order-3:5]")
		equal(t, "parked", d.parked(), "[order-3×1: never]")
	})
}

// What fails alone does not stop when the broker was away in between.
func TestAnswersEndAnOutage(t *testing.T) {
	relayed(t, func(d *desk) {
		n := 0
		d.o.Publisher = moody(func(m broker.Message) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			if n++; n < 4 {
				return broker.ErrUnavailable
			}
			return broker.ErrRejected
		})
		d.o.OnHeld = func(failures int, after time.Duration, err error) { d.tell("held %d", failures) }
		d.put("order-1 order.placed")
		stop := d.run()
		defer stop()
		time.Sleep(time.Minute)
		equal(t, "told", d.said(), "[held 1 held 2 held 3 resumed failed 1 parked true order-1]")
	})
}

func TestAClosedPublisherEndsTheRelay(t *testing.T) {
	relayed(t, func(d *desk) {
		if err := d.o.Publisher.Close(d.Context()); err != nil {
			t.Fatal(err)
		}
		d.put("order-1 order.placed", "order-2 order.placed")
		if err := broker.Relay(d.Context(), d.store, "r", d.o); !errors.Is(err, broker.ErrClosed) {
			t.Error(err)
		}
		equal(t, "parked", d.parked(), "[]")
	})
}

func TestRelayKeepsTheOrderOfItsKeys(t *testing.T) {
	relayed(t, func(d *desk) {
		d.o.Group.Key = func(e *cairn.Recorded) string { return cairn.Category(e.Stream) }
		d.put("a-1 order.placed", "b-1 order.placed", "a-2 order.placed", "a-1 order.placed")
		d.run()()
		for _, m := range d.broker.Messages("orders") {
			equal(t, "key", m.Key, cairn.Category(m.Event.Subject()))
		}
		equal(t, "published", len(d.published()), 4)
	})
}

func TestRelaysAreRefused(t *testing.T) {
	store := storetest.NewReference()
	defer store.Close()
	good := broker.RelayOptions{Contract: shop(t), Mapping: typed, Publisher: broker.NewMemory(broker.MemoryOptions{}).Publisher()}
	for field, change := range map[string]func(*broker.RelayOptions){
		"contract":        func(o *broker.RelayOptions) { o.Contract = nil },
		"mapping":         func(o *broker.RelayOptions) { o.Mapping = nil },
		"publisher":       func(o *broker.RelayOptions) { o.Publisher = nil },
		"publish timeout": func(o *broker.RelayOptions) { o.PublishTimeout = -1 },
		"max hold":        func(o *broker.RelayOptions) { o.MaxHold = -1 },
		"workers":         func(o *broker.RelayOptions) { o.Group.Workers = -1 },
	} {
		o := good
		change(&o)
		err := broker.Relay(t.Context(), store, "r", o)
		if what, ok := errors.AsType[*cairn.InvalidError](err); !ok || what.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
