package catalogue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/catalogue"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
)

// A wire is both ends of a broker: it hands over deliveries as often as a test
// says and keeps what is published.
type wire struct {
	deliveries chan broker.Delivery
	handled    chan error
	published  chan broker.Message

	mu   sync.Mutex
	down error // what Publish fails with
}

func newWire() *wire {
	return &wire{deliveries: make(chan broker.Delivery), handled: make(chan error), published: make(chan broker.Message, 100)}
}

func (w *wire) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	for {
		select {
		case d := <-w.deliveries:
			w.handled <- handle(ctx, d)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (w *wire) Publish(_ context.Context, m broker.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down != nil {
		return w.down
	}
	w.published <- m
	return nil
}

func (w *wire) Close(context.Context) error { return nil }

func (w *wire) setDown(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = err
}

// deliver hands over a question and waits until it is handled.
func (w *wire) deliver(t *testing.T, id string, q contract.ValidationRequestedV1) {
	t.Helper()
	e := cloudevents.New()
	e.SetID(id)
	e.SetSource("/eshop/process")
	e.SetType(contract.ValidationRequested.Name)
	e.SetExtension("correlationid", "conversation-1")
	must(t, e.SetData("application/json", q))
	w.deliveries <- broker.Delivery{Message: broker.Message{Event: e}}
	must(t, <-w.handled)
}

// next is what is published next.
func (w *wire) next(t *testing.T) broker.Message {
	t.Helper()
	select {
	case m := <-w.published:
		return m
	case <-time.After(30 * time.Second):
		t.Fatal("nothing more is published")
		return broker.Message{}
	}
}

// run runs the service until the test ends, and checks how it does.
func run(t *testing.T, s *catalogue.Service) {
	ctx, stop := context.WithCancelCause(context.Background())
	enough, ended := errors.New("enough"), make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop(enough)
		if err := <-ended; !errors.Is(err, enough) {
			t.Errorf("Run: %v", err)
		}
	})
}

func line(sku string, cents int64) contract.Line {
	return contract.Line{SKU: sku, Name: "as it was called", Quantity: 1, Cents: cents}
}

// An order is answered once, however often it is asked about, and the answer says
// what is wrong.
func TestValidation(t *testing.T) {
	platformtest.Databases(t, func(t *testing.T, db *platform.Database) {
		w := newWire()
		s := open(t, db, catalogue.Options{Empty: true, Subscriber: w, Publisher: w})
		run(t, s)
		ask(t, s.Handler(), "PUT", "/products/a", `{"name":"A","category":"c","cents":100}`)
		ask(t, s.Handler(), "PUT", "/products/b", `{"name":"B","category":"c","cents":200}`)
		ask(t, s.Handler(), "PUT", "/products/b", `{"name":"B","category":"c","cents":200,"discontinued":true}`)
		for range 2 { // the two that are listed
			w.next(t)
		}
		for i, c := range []struct {
			lines []contract.Line
			want  string
		}{
			{[]contract.Line{line("a", 100)}, `validation.passed {"order":"7"}`},
			{[]contract.Line{line("a", 100), line("b", 200)}, `validation.failed {"order":"7","reason":"B is not sold any more"}`},
			{[]contract.Line{line("a", 99)}, `validation.failed {"order":"7","reason":"A costs €1.00 now, and €0.99 was ordered"}`},
			{[]contract.Line{line("<x>' OR 1=1", 1)}, `validation.failed {"order":"7","reason":"there is no product \"\u003cx\u003e' OR 1=1\""}`},
		} {
			question := fmt.Sprintf("0190163d-8694-739b-aea5-%012d", i)
			for range 3 {
				w.deliver(t, question+".0", contract.ValidationRequestedV1{Order: "7", Lines: c.lines})
			}
			m := w.next(t)
			if got := m.Event.Type() + " " + string(m.Event.Data()); got != c.want {
				t.Errorf("answer %s\nwant   %s", got, c.want)
			}
			if x := m.Event.Extensions(); x["correlationid"] != "conversation-1" || x["causationid"] != question || m.Key != "7" || m.Topic != contract.Validation {
				t.Errorf("%q %q %v", m.Topic, m.Key, x)
			}
		}
		if len(w.published) != 0 {
			t.Errorf("%d answers too many", len(w.published))
		}
	})
}

// A new price is told after the row is written, once, also when the broker was
// away meanwhile; the same price is not.
func TestPrices(t *testing.T) {
	platformtest.Databases(t, func(t *testing.T, db *platform.Database) {
		w := newWire()
		s := open(t, db, catalogue.Options{Empty: true, Subscriber: w, Publisher: w})
		w.setDown(broker.ErrUnavailable)
		run(t, s)
		for _, cents := range []int{100, 100, 150, 120} {
			ask(t, s.Handler(), "PUT", "/products/a", fmt.Sprintf(`{"name":"A","category":"c","cents":%d}`, cents))
		}
		w.setDown(nil)
		for _, want := range []string{
			`catalogue.product-listed {"sku":"a","name":"A","cents":100}`,
			`catalogue.price-changed {"sku":"a","cents":150}`,
			`catalogue.price-changed {"sku":"a","cents":120}`,
		} {
			m := w.next(t)
			if got := m.Event.Type() + " " + string(m.Event.Data()); got != want || m.Key != "a" || m.Topic != contract.Catalogue {
				t.Errorf("told %s, want %s", got, want)
			}
		}
	})
}

// A publisher that was closed ends Run, instead of being asked for ever.
func TestPublisherClosed(t *testing.T) {
	db := platformtest.SQLite(t)
	w := newWire()
	w.setDown(broker.ErrClosed)
	if err := open(t, db, catalogue.Options{Subscriber: w, Publisher: w}).Run(t.Context()); !errors.Is(err, broker.ErrClosed) {
		t.Errorf("Run: %v", err)
	}
}
