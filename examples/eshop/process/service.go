package process

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/timer"
)

// Options say what the order process works with. Store and Bus are required.
// Somebody must run the timers of the store.
type Options struct {
	Store cairn.Store
	Bus   platform.Bus

	// Timeout is how long a payment may take. Zero means 30 s.
	Timeout time.Duration

	Clock  timer.Clock  // nil means the system's
	Logger *slog.Logger // nil means slog.Default
}

// A Service is the order process. Nobody asks it anything.
type Service struct {
	o        Options
	contract *broker.Contract
	heard    *decider.Decider[struct{}, Event]
}

// New makes a service.
func New(o Options) (*Service, error) {
	o.Logger, o.Timeout = cmp.Or(o.Logger, slog.Default()), cmp.Or(o.Timeout, 30*time.Second)
	c, err := contract.ByProcess()
	forget := func(struct{}, Event) struct{} { return struct{}{} }
	return &Service{o, c, decider.New(o.Store, Heard, forget, nil)}, err
}

// Handler implements [platform.Service].
func (s *Service) Handler() http.Handler { return http.NotFoundHandler() }

// Run implements [platform.Service].
func (s *Service) Run(ctx context.Context) error {
	talk := &platform.Participant{
		Name: "process", Store: s.o.Store, Bus: s.o.Bus, Logger: s.o.Logger,
		Contract: s.contract, Mapping: mapping, Categories: []string{SaidCategory}, Hears: s.hears(), Writes: []string{HeardCategory},
	}
	return platform.Together(ctx, talk.Run, func(ctx context.Context) error {
		g := platform.Group(s.o.Logger)
		g.About = component.About{Service: "process", Writes: []string{SaidCategory}}
		return saga.Run(ctx, s.o.Store, Definition(s.o.Timeout), saga.Options{Group: g, Clock: s.o.Clock})
	})
}

func (s *Service) hears() map[string][]platform.Reaction {
	return map[string][]platform.Reaction{
		contract.Orders: {
			keep(s, contract.OrderPlaced, func(e contract.OrderPlacedV1) string { return e.Order }),
			keep(s, contract.ProductAdded, func(e contract.ProductAddedV1) string { return e.Order }),
			keep(s, contract.ProductRemoved, func(e contract.ProductRemovedV1) string { return e.Order }),
			keep(s, contract.OrderPaid, func(e contract.OrderPaidV1) string { return e.Order }),
			keep(s, contract.OrderCompleted, func(e contract.OrderCompletedV1) string { return e.Order }),
			keep(s, contract.OrderCancelled, func(e contract.OrderCancelledV1) string { return e.Order }),
		},
		contract.Payments: {
			keep(s, contract.PaymentReceived, func(e contract.PaymentReceivedV1) string { return e.Order }),
			keep(s, contract.PaymentFailed, func(e contract.PaymentFailedV1) string { return e.Order }),
			keep(s, contract.PaymentRefunded, func(e contract.PaymentRefundedV1) string { return e.Order }),
		},
		contract.Validation: {
			keep(s, contract.ValidationPassed, func(e contract.ValidationPassedV1) string { return e.Order }),
			keep(s, contract.ValidationFailed, func(e contract.ValidationFailedV1) string { return e.Order }),
		},
		contract.Inventory: {
			keep(s, contract.AllocationMade, func(e contract.AllocationMadeV1) string { return e.Order }),
			keep(s, contract.AllocationFailed, func(e contract.AllocationFailedV1) string { return e.Order }),
			keep(s, contract.AllocationReleased, func(e contract.AllocationReleasedV1) string { return e.Order }),
		},
	}
}

// keep stores what was heard, for the saga, which follows the log. It does not
// matter where the stream stands: what is heard is a fact.
func keep[T any](s *Service, t broker.EventType[T], order func(T) string) platform.Reaction {
	return platform.On(t, func(ctx context.Context, e T) (cairn.Batch, error) {
		w, _, err := s.heard.Plan(ctx, HeardCategory+"-"+order(e), func(struct{}) ([]Event, error) { return []Event{e}, nil })
		w.Expected = cairn.Any
		return cairn.Batch{Writes: []cairn.Write{w}}, err
	})
}

// mapping says everything that the saga has to say.
var mapping = broker.Typed(Said, func(m Message, _ cairn.Recorded) ([]broker.Draft, error) {
	switch m := m.(type) {
	case contract.PaymentRequestedV1:
		return []broker.Draft{contract.PaymentRequested.Draft(m)}, nil
	case contract.PaymentConfirmedV1:
		return []broker.Draft{contract.PaymentConfirmed.Draft(m)}, nil
	case contract.RefundRequestedV1:
		return []broker.Draft{contract.RefundRequested.Draft(m)}, nil
	case contract.RefundConfirmedV1:
		return []broker.Draft{contract.RefundConfirmed.Draft(m)}, nil
	case contract.ValidationRequestedV1:
		return []broker.Draft{contract.ValidationRequested.Draft(m)}, nil
	case contract.ValidationConfirmedV1:
		return []broker.Draft{contract.ValidationConfirmed.Draft(m)}, nil
	case contract.AllocationRequestedV1:
		return []broker.Draft{contract.AllocationRequested.Draft(m)}, nil
	case contract.AllocationConfirmedV1:
		return []broker.Draft{contract.AllocationConfirmed.Draft(m)}, nil
	case contract.ReleaseRequestedV1:
		return []broker.Draft{contract.ReleaseRequested.Draft(m)}, nil
	case contract.ProcessFailedV1:
		return []broker.Draft{contract.ProcessFailed.Draft(m)}, nil
	}
	return nil, fmt.Errorf("process: %T has no integration event", m)
})
