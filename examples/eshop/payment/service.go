package payment

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/group"
)

// Options say what the payment service works with. Store and Bus are required.
// Somebody must run the timers of the store.
type Options struct {
	Store cairn.Store
	Bus   platform.Bus

	// Slow is how long a slow payment takes. Zero means 20 s.
	Slow time.Duration

	Now    func() time.Time // nil means time.Now
	Logger *slog.Logger     // nil means slog.Default
}

// A Service takes payments. Its methods may be called concurrently.
type Service struct {
	o        Options
	payments *decider.Decider[State, Event]
	contract *broker.Contract
	modes    *platform.Switch[Mode]
}

// New makes a service.
func New(o Options) (*Service, error) {
	o.Logger, o.Slow = cmp.Or(o.Logger, slog.Default()), cmp.Or(o.Slow, 20*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	c, err := contract.ByPayments()
	return &Service{
		o: o, contract: c, payments: decider.New(o.Store, Events, State.Evolve, nil),
		modes: &platform.Switch[Mode]{Store: o.Store, Stream: "paymentmode", Modes: []Mode{OK, Slow, Fail}},
	}, err
}

func (s *Service) mode(ctx context.Context) (platform.Setting[Mode], error) { return s.modes.Get(ctx) }

// Handler answers the requests of others:
//
//	GET  /payment/mode
//	POST /payment/mode   {mode}: ok, slow or fail
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /payment/mode", rest.Handle(s.o.Logger, s.modes.GetHTTP))
	mux.Handle("POST /payment/mode", rest.Handle(s.o.Logger, s.modes.PostHTTP))
	return mux
}

// Run implements [platform.Service].
func (s *Service) Run(ctx context.Context) error {
	talk := &platform.Participant{
		Name: "payment", Store: s.o.Store, Bus: s.o.Bus, Logger: s.o.Logger,
		Contract: s.contract, Mapping: mapping, Categories: []string{Category}, Hears: s.hears(), Writes: []string{Category},
	}
	return platform.Together(ctx, talk.Run, func(ctx context.Context) error {
		o := platform.Group(s.o.Logger)
		o.Query = cairn.ByCategory(dueCategory)
		o.About = component.About{Kind: "handler", Service: "payment", Writes: []string{Category}}
		return group.RunTx(ctx, s.o.Store, "payment-due", o, s.settle)
	})
}
