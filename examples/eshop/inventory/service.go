package inventory

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/decider/snapshot"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/projection"
)

// A Mode is how allocations go.
type Mode string

// The modes.
const (
	OK   Mode = "ok"
	Fail Mode = "fail"
)

// Options say what the inventory works with. Store, DB and Bus are required.
type Options struct {
	Store cairn.Store
	DB    *platform.Database // of the read model
	Bus   platform.Bus

	// First is how many there are of a product that the catalogue has just
	// listed. Zero means 40.
	First int

	Logger *slog.Logger // nil means slog.Default
}

// A Service keeps the stock. Its methods may be called concurrently.
type Service struct {
	o           Options
	stock       *decider.Decider[Stock, StockEvent]
	allocations *decider.Decider[Allocation, AllocationEvent]
	contract    *broker.Contract
	modes       *platform.Switch[Mode]
}

// New makes a service.
func New(o Options) (*Service, error) {
	o.Logger, o.First = cmp.Or(o.Logger, slog.Default()), cmp.Or(o.First, 40)
	c, err := contract.ByInventory()
	// The streams of what sells well are long, and every order asks.
	often := &decider.Options[Stock, StockEvent]{Snapshots: &decider.Snapshots[Stock]{Store: snapshot.NewMemory(1 << 20)}}
	return &Service{
		o: o, contract: c,
		stock:       decider.New(o.Store, StockEvents, Stock.Evolve, often),
		allocations: decider.New(o.Store, AllocationEvents, Allocation.Evolve, nil),
		modes:       &platform.Switch[Mode]{Store: o.Store, Stream: "inventorymode", Modes: []Mode{OK, Fail}},
	}, err
}

// mapping is what others are told. How much there is of what is nobody's business.
var mapping = broker.Typed(AllocationEvents, func(e AllocationEvent, r cairn.Recorded) ([]broker.Draft, error) {
	order := r.Stream[len(AllocationCategory)+1:]
	switch e := e.(type) {
	case Made:
		return []broker.Draft{contract.AllocationMade.Draft(contract.AllocationMadeV1{Order: order})}, nil
	case Failed:
		return []broker.Draft{contract.AllocationFailed.Draft(contract.AllocationFailedV1{Order: order, Reason: e.Reason})}, nil
	case Undone:
		return []broker.Draft{contract.AllocationReleased.Draft(contract.AllocationReleasedV1{Order: order})}, nil
	}
	return nil, broker.ErrUnmapped
})

// Run implements [platform.Service].
func (s *Service) Run(ctx context.Context) error {
	talk := &platform.Participant{
		Name: "inventory", Store: s.o.Store, Bus: s.o.Bus, Logger: s.o.Logger,
		Contract: s.contract, Mapping: mapping, Categories: []string{AllocationCategory}, Writes: []string{AllocationCategory, StockCategory},
		Hears: map[string][]platform.Reaction{
			contract.Process:   {platform.On(contract.AllocationRequested, s.allocate), platform.On(contract.ReleaseRequested, s.release)},
			contract.Catalogue: {platform.On(contract.ProductListed, s.listed)},
		},
	}
	return platform.Together(ctx, talk.Run, func(ctx context.Context) error {
		return projection.Deploy(ctx, s.o.Store, s.o.DB.Target, levels(), nil)
	})
}

// Handler answers the requests of others:
//
//	GET  /stock
//	PUT  /stock/{sku}      {quantity}: how many there are that nobody has
//	GET  /inventory/mode
//	POST /inventory/mode   {mode}: ok or fail
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /stock", platform.Fresh(s.o.Store, s.o.DB, levelsName, rest.Handle(s.o.Logger, s.getAll)))
	mux.Handle("PUT /stock/{sku}", rest.Handle(s.o.Logger, s.put))
	mux.Handle("GET /inventory/mode", rest.Handle(s.o.Logger, s.modes.GetHTTP))
	mux.Handle("POST /inventory/mode", rest.Handle(s.o.Logger, s.modes.PostHTTP))
	return mux
}
