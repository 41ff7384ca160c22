package order

import (
	"cmp"
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/projection"
)

// Options say what the order service works with. All but the logger are required.
type Options struct {
	Store  cairn.Store        // of the orders
	DB     *platform.Database // of the read models
	Bus    platform.Bus
	Logger *slog.Logger // nil means slog.Default
}

// A Service keeps orders. Its methods may be called concurrently.
type Service struct {
	o        Options
	orders   *decider.Decider[State, Event]
	contract *broker.Contract
}

// New makes a service.
func New(o Options) (*Service, error) {
	o.Logger = cmp.Or(o.Logger, slog.Default())
	c, err := contract.ByOrders()
	return &Service{o, decider.New(o.Store, Events, State.Evolve, &decider.Options[State, Event]{Initial: Nothing}), c}, err
}

func idOf(stream string) string { return strings.TrimPrefix(stream, Category+"-") }

// Run implements [platform.Service].
func (s *Service) Run(ctx context.Context) error {
	talk := &platform.Participant{
		Name: "order", Store: s.o.Store, Bus: s.o.Bus, Logger: s.o.Logger,
		Contract: s.contract, Mapping: mapping, Categories: []string{Category}, Writes: []string{Category},
		Hears: map[string][]platform.Reaction{contract.Process: hears(s.orders)},
	}
	return platform.Together(ctx, talk.Run, s.keep(list()), s.keep(sales()))
}

// keep keeps a read model up to date.
func (s *Service) keep(p projection.Projection[*sql.Tx]) func(context.Context) error {
	return func(ctx context.Context) error {
		return projection.Deploy(ctx, s.o.Store, s.o.DB.Target, p, nil)
	}
}

// Handler answers the requests of others. What was written is in the read models
// when the answer's Cairn-Position is sent with the next request, or waited for.
//
//	POST   /orders                       {id, customer, lines}
//	GET    /orders                       ?customer= for those of one, newest first
//	GET    /orders/{id}                  ?at=REVISION as it was then
//	GET    /orders/{id}/history          what happened, and the state behind each
//	GET    /orders/{id}/live             the status as it changes, as server-sent events
//	POST   /orders/{id}/products         a line, while the order is not paid
//	DELETE /orders/{id}/products/{sku}
//	POST   /orders/{id}/cancel           {reason}
//	GET    /dashboard                    all orders together
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]rest.HandlerFunc{
		"POST /orders":                       s.post,
		"GET /orders/{id}/history":           s.getHistory,
		"POST /orders/{id}/products":         s.addProduct,
		"DELETE /orders/{id}/products/{sku}": s.removeProduct,
		"POST /orders/{id}/cancel":           s.cancel,
	} {
		mux.Handle(pattern, rest.Handle(s.o.Logger, do))
	}
	for pattern, model := range map[string]struct {
		name string
		do   rest.HandlerFunc
	}{
		"GET /orders":      {listName, s.getAll},
		"GET /orders/{id}": {listName, s.getOne},
		"GET /dashboard":   {salesName, s.getDashboard},
	} {
		mux.Handle(pattern, platform.Fresh(s.o.Store, s.o.DB, model.name, rest.Handle(s.o.Logger, model.do)))
	}
	mux.HandleFunc("GET /orders/{id}/live", s.live)
	return mux
}
