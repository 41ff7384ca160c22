package shop_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/eshop/audit"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/inventory"
	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/examples/eshop/shop"
)

// A town is a shop that runs, with what it stands on.
type town struct {
	t       testing.TB
	store   cairn.Store
	db      *platform.Database
	bus     platform.Bus
	network *platform.Network
	o       shop.Options
}

// inTown runs a test in a town of its own, where time passes when nothing else
// happens: half a minute of waiting takes as long as what happens in it.
func inTown(t *testing.T, test func(t *testing.T, v *town)) {
	synctest.Test(t, func(t *testing.T) { test(t, found(t)) })
}

func found(t testing.TB) *town {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	must(t, err)
	t.Cleanup(func() { store.Close() })
	db, err := platform.OpenDatabase(t.Context(), "sqlite:"+t.TempDir()+"/shop.db")
	must(t, err)
	t.Cleanup(func() { db.Close() })
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("CAIRN_ESHOP_LOG") != "" {
		log = slog.Default()
	}
	v := &town{t: t, store: store, db: db, network: platform.NewNetwork(nil), bus: platform.LogBus(store, log)}
	t.Cleanup(v.network.Close)
	v.o = shop.Options{Store: store, DB: db, Network: v.network, Bus: v.bus, Timeout: time.Minute, Slow: 2 * time.Minute, Logger: log}
	return v
}

// open runs services until the test ends, or close is called.
func (v *town) open(names ...string) (shut func()) {
	v.t.Helper()
	s, err := shop.New(v.t.Context(), v.o, names...)
	must(v.t, err)
	ctx, cancel := context.WithCancelCause(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	shut = once(func() {
		cancel(errShut)
		if err := <-ended; !errors.Is(err, errShut) {
			v.t.Errorf("the shop has ended: %v", err)
		}
	})
	v.t.Cleanup(shut)
	return shut
}

var errShut = errors.New("the shop is shut")

// once has a function called once.
func once(f func()) func() {
	done := false
	return func() {
		if !done {
			done = true
			f()
		}
	}
}

func (v *town) ask(service string) *rest.Client {
	return &rest.Client{Name: service, URL: v.network.URL(service), HTTP: v.network.Client(), Patience: time.Minute}
}

func (v *town) do(service, method, path string, body, out any) {
	v.t.Helper()
	_, err := v.ask(service).Do(v.t.Context(), method, path, body, out)
	must(v.t, err)
}

// place places an order of things from the catalogue.
func (v *town) place(id string, lines ...contract.Line) {
	v.t.Helper()
	v.do("order", "POST", "/orders", map[string]any{"id": id, "customer": "Ann", "lines": lines}, nil)
}

var (
	stone = contract.Line{SKU: "stone-first", Name: "A stone for a cairn", Quantity: 2, Cents: 300}
	tent  = contract.Line{SKU: "tent-scree-2", Name: "Scree 2 tent", Quantity: 1, Cents: 34900}
)

// await waits until an order stands at one of the statuses.
func (v *town) await(id string, statuses ...order.Status) order.State {
	v.t.Helper()
	state := order.Nothing()
	for e, err := range v.store.ReadStream(v.t.Context(), order.StreamOf(id), cairn.ReadOptions{Follow: true}) {
		must(v.t, err)
		what, err := order.Events.Decode(e)
		must(v.t, err)
		state = state.Evolve(what)
		for _, s := range statuses {
			if state.Status == s {
				return state
			}
		}
	}
	v.t.Fatal("the order's stream has ended")
	return state
}

// settled waits until so many processes have ended.
func (v *town) settled(n int) *audit.Report {
	v.t.Helper()
	for e, err := range v.store.ReadAll(v.t.Context(), cairn.AllOptions{Query: cairn.Query{{Types: []string{"saga.ended"}}}, Follow: true}) {
		must(v.t, err)
		_ = e
		if n--; n == 0 {
			break
		}
	}
	report, err := audit.Run(v.t.Context(), v.store)
	must(v.t, err)
	if !report.OK() || report.Open != 0 {
		v.t.Errorf("%v", report)
	}
	return report
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// known waits until the inventory has counted a product.
func (v *town) known(sku string) {
	v.t.Helper()
	for _, err := range v.store.ReadStream(v.t.Context(), inventory.StockOf(sku), cairn.ReadOptions{Follow: true}) {
		must(v.t, err)
		return
	}
}
