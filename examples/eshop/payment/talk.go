package payment

import (
	"context"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/timer"
)

// mapping is what others are told.
var mapping = broker.Typed(Events, func(e Event, r cairn.Recorded) ([]broker.Draft, error) {
	order := r.Stream[len(Category)+1:]
	switch e := e.(type) {
	case Charged:
		return []broker.Draft{contract.PaymentReceived.Draft(contract.PaymentReceivedV1{Order: order, Customer: e.Customer, Cents: e.Paid})}, nil
	case Returned:
		return []broker.Draft{contract.PaymentReceived.Draft(contract.PaymentReceivedV1{Order: order, Customer: e.Customer, Cents: e.Paid})}, nil
	case Refused:
		return []broker.Draft{contract.PaymentFailed.Draft(contract.PaymentFailedV1{Order: order, Customer: e.Customer, Reason: e.Reason})}, nil
	case Refunded:
		return []broker.Draft{contract.PaymentRefunded.Draft(contract.PaymentRefundedV1{Order: order, Customer: e.Customer, Cents: e.Cents})}, nil
	}
	return nil, broker.ErrUnmapped
})

// asked plans a payment and, if it is slow, the timer that will take it.
func (s *Service) asked(ctx context.Context, e contract.PaymentRequestedV1) (b cairn.Batch, err error) {
	mode, err := s.mode(ctx)
	if err != nil {
		return b, err
	}
	w, _, err := s.payments.Plan(ctx, StreamOf(e.Order), Ask(e.Customer, e.Cents, mode.Mode))
	b.Writes = []cairn.Write{w}
	if err != nil || mode.Mode != Slow || len(w.Events) != 1 {
		return b, err
	}
	due, err := Events.Encode(Due{})
	if err != nil {
		return b, err
	}
	due.Metadata = w.Events[0].Metadata
	t, err := timer.Set("payment/"+e.Order, s.o.Now().Add(s.o.Slow), timer.Fire{Stream: dueStream(e.Order), Event: due})
	if err != nil {
		return b, err
	}
	t.Events[0].Metadata = due.Metadata
	b.Writes = append(b.Writes, t)
	return b, nil
}

func (s *Service) refundAsked(ctx context.Context, e contract.RefundRequestedV1) (cairn.Batch, error) {
	w, _, err := s.payments.Plan(ctx, StreamOf(e.Order), Refund(e.Reason))
	return cairn.Batch{Writes: []cairn.Write{w}}, err
}

// dueCategory is that of the streams in which slow payments come due.
const dueCategory = "paymentdue"

func dueStream(order string) string { return dueCategory + "-" + order }

// settle takes a slow payment whose time has come.
func (s *Service) settle(ctx context.Context, r cairn.Recorded) (cairn.Batch, error) {
	w, _, err := s.payments.Plan(decider.CausedBy(ctx, r), StreamOf(r.Stream[len(dueCategory)+1:]), Settle)
	return cairn.Batch{Writes: []cairn.Write{w}}, err
}

func (s *Service) hears() map[string][]platform.Reaction {
	return map[string][]platform.Reaction{contract.Process: {
		platform.On(contract.PaymentRequested, s.asked),
		platform.On(contract.RefundRequested, s.refundAsked),
	}}
}
