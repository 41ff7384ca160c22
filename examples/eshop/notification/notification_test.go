package notification_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/notification"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
)

// A wire hands over what a test sends.
type wire chan sent

type sent struct {
	d       broker.Delivery
	handled chan error
}

func (w wire) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	for {
		select {
		case s := <-w:
			s.handled <- handle(ctx, s.d)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func deliver[T any](t *testing.T, w wire, id string, et broker.EventType[T], data T) error {
	t.Helper()
	e := cloudevents.New()
	e.SetID(id)
	e.SetSource("/eshop")
	e.SetType(et.Name)
	must(t, e.SetData("application/json", data))
	s := sent{broker.Delivery{Message: broker.Message{Event: e}}, make(chan error, 1)}
	w <- s
	return <-s.handled
}

// A post is a service that runs.
type post struct {
	http.Handler
	orders, payments wire
}

func open(t *testing.T, db *platform.Database) post {
	p := post{orders: make(wire), payments: make(wire)}
	s, err := notification.New(notification.Options{DB: db.DB, Dialect: db.Dialect, Orders: p.orders, Payments: p.payments})
	must(t, err)
	ctx, stop := context.WithCancelCause(context.Background())
	enough, ended := errors.New("enough"), make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop(enough)
		if err := <-ended; !errors.Is(err, enough) {
			t.Errorf("Run: %v", err)
		}
	})
	p.Handler = s.Handler()
	return p
}

func (p post) list(t *testing.T, query string) (all []notification.Email) {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest("GET", "/notifications"+query, nil))
	must(t, json.Unmarshal(w.Body.Bytes(), &all))
	return all
}

// However often and by how many a message arrives, it is one e-mail.
func TestOnce(t *testing.T) {
	platformtest.Databases(t, func(t *testing.T, db *platform.Database) {
		one, two := open(t, db), open(t, db)
		var all sync.WaitGroup
		for _, p := range []post{one, two} {
			all.Go(func() {
				for range 5 {
					for n := range 4 {
						e := contract.OrderCompletedV1{Order: fmt.Sprint(n), Customer: "Ann", Cents: 100}
						if err := deliver(t, p.orders, fmt.Sprint("message-", n), contract.OrderCompleted, e); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
		if n := len(one.list(t, "")); n != 4 {
			t.Errorf("%d e-mails of 4 messages", n)
		}
	})
}

// Each kind of event has its letter, to the right customer, and what nobody asked
// to hear is left alone.
func TestLetters(t *testing.T) {
	platformtest.Databases(t, func(t *testing.T, db *platform.Database) {
		p := open(t, db)
		must(t, errors.Join(
			deliver(t, p.orders, "1", contract.OrderPlaced, contract.OrderPlacedV1{Order: "o", Customer: "Ann <x>", Cents: 1050,
				Lines: []contract.Line{{SKU: "a", Name: "A tent", Quantity: 2, Cents: 525}}}),
			deliver(t, p.payments, "2", contract.PaymentReceived, contract.PaymentReceivedV1{Order: "o", Customer: "Ann <x>", Cents: 1050}),
			deliver(t, p.orders, "3", contract.OrderPaid, contract.OrderPaidV1{Order: "o"}),
			deliver(t, p.orders, "4", contract.OrderFailed, contract.OrderFailedV1{Order: "o", Customer: "Ann <x>", Stage: "allocation", Reason: "none left"}),
			deliver(t, p.payments, "5", contract.PaymentRefunded, contract.PaymentRefundedV1{Order: "o", Customer: "Ann <x>", Cents: 1050}),
			deliver(t, p.payments, "6", contract.PaymentFailed, contract.PaymentFailedV1{Order: "p", Customer: "Bob", Reason: "no"}),
			deliver(t, p.payments, "7", contract.PaymentRefunded, contract.PaymentRefundedV1{Order: "p", Customer: "Bob"}),
			deliver(t, p.orders, "8", contract.OrderCancelled, contract.OrderCancelledV1{Order: "q", Customer: "Bob", Reason: "changed my mind"}),
		))
		var got []string
		for _, e := range p.list(t, "?customer=Ann+%3Cx%3E") {
			got = append(got, e.Subject+" because of "+e.Because)
		}
		want := "You have your money back because of payment.refunded\nWe cannot deliver your order because of order.failed\n" +
			"Thank you for paying because of payment.received\nWe have your order because of order.placed"
		if strings.Join(got, "\n") != want {
			t.Errorf("e-mails:\n%s\nwant\n%s", strings.Join(got, "\n"), want)
		}
		if of := p.list(t, "?order=o"); len(of) != 4 || !strings.Contains(of[3].Text, "2 × A tent, €5.25 each") || !strings.Contains(of[3].Text, "€10.50") {
			t.Errorf("of the order: %+v", of)
		}
		if all := p.list(t, ""); len(all) != 6 {
			t.Errorf("nothing was paid for p, so nothing is said of paying back: %+v", all)
		}
	})
}

// What cannot be read is rejected, and leaves nothing.
func TestUndecodable(t *testing.T) {
	db := platformtest.SQLite(t)
	p := open(t, db)
	odd := broker.EventType[map[string]any]{Name: contract.OrderPlaced.Name}
	if err := deliver(t, p.orders, "1", odd, map[string]any{"lines": "many"}); !errors.Is(err, broker.ErrRejected) {
		t.Errorf("error %v", err)
	}
	if all := p.list(t, ""); len(all) != 0 {
		t.Errorf("e-mails %+v", all)
	}
}

func TestListRefusals(t *testing.T) {
	db := platformtest.SQLite(t)
	w := httptest.NewRecorder()
	open(t, db).ServeHTTP(w, httptest.NewRequest("GET", "/notifications?order="+strings.Repeat("a", 65), nil))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"limit":64`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
