package catalogue

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/rest"
)

// Run answers the events of others and publishes what is in the outbox, until ctx
// ends. It returns the cause of ctx, or what could not be mended.
func (s *Service) Run(ctx context.Context) error {
	mux, err := broker.NewMux(broker.Ignore(nil), broker.On(contract.ValidationRequested, s.validationRequested))
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	published := make(chan struct{})
	go func() {
		defer close(published)
		end(s.publish(ctx))
	}()
	end(s.o.Subscriber.Subscribe(ctx, mux.Handle))
	<-published
	return context.Cause(ctx)
}

// validationRequested answers whether an order can be sold as it is. The answer
// goes into the outbox in the transaction that marks the question as handled, so
// there is one answer however often the question arrives.
func (s *Service) validationRequested(ctx context.Context, e contract.ValidationRequestedV1, d broker.Delivery) error {
	err := s.inbox.Handle(ctx, d, func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
		reason, err := objection(ctx, tx, e.Lines)
		if err != nil {
			return err
		}
		draft := contract.ValidationPassed.Draft(contract.ValidationPassedV1{Order: e.Order})
		if reason != "" {
			draft = contract.ValidationFailed.Draft(contract.ValidationFailedV1{Order: e.Order, Reason: reason})
		}
		return s.tell(ctx, tx, "order-"+e.Order, contract.ByValidation, draft, d)
	})
	s.wake()
	return err
}

// objection is why an order cannot be sold like this, or nothing.
func objection(ctx context.Context, tx *sql.Tx, lines []contract.Line) (string, error) {
	for _, l := range lines {
		p, err := get(ctx, tx, l.SKU, "")
		switch {
		case rest.StatusOf(err) == http.StatusNotFound:
			return fmt.Sprintf("there is no product %q", l.SKU), nil
		case err != nil:
			return "", err
		case p.Discontinued:
			return p.Name + " is not sold any more", nil
		case p.Cents != l.Cents:
			return fmt.Sprintf("%s costs %s now, and %s was ordered", p.Name, euros(p.Cents), euros(l.Cents)), nil
		}
	}
	return "", nil
}

func euros(cents int64) string { return fmt.Sprintf("€%d.%02d", cents/100, cents%100) }

// tellPrice says that a product is new, or has another price, if it is so.
func (s *Service) tellPrice(ctx context.Context, tx *sql.Tx, old, p Product) error {
	if p.Cents == old.Cents {
		return nil
	}
	draft := contract.PriceChanged.Draft(contract.PriceChangedV1{SKU: p.SKU, Cents: p.Cents})
	if old.SKU == "" {
		draft = contract.ProductListed.Draft(contract.ProductListedV1{SKU: p.SKU, Name: p.Name, Cents: p.Cents})
	}
	return s.tell(ctx, tx, "product-"+p.SKU, contract.ByCatalogue, draft, broker.Delivery{})
}
