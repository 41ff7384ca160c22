package shop_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/shop"
)

var errKilled = errors.New("the process is killed")

// A mortal store is what a process has that is killed at one of its writes: that
// one is stored, and the process does not live to hear of it; or it is not. From
// then on nothing of the process reaches the store.
type mortal struct {
	cairn.Store
	armed  atomic.Bool
	writes atomic.Int64 // since it was armed
	at     int64        // which one kills; zero is none
	after  bool         // it is stored
}

// live says whether a write goes through, and whether the process hears of it.
func (m *mortal) live() (stored, heard bool) {
	if !m.armed.Load() {
		return true, true
	}
	n := m.writes.Add(1)
	switch {
	case m.at == 0 || n < m.at:
		return true, true
	case n == m.at:
		return m.after, false
	}
	return false, false
}

func (m *mortal) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (r cairn.Receipt, err error) {
	stored, heard := m.live()
	if stored {
		r, err = m.Store.Append(ctx, stream, expected, events...)
	}
	if !heard {
		return cairn.Receipt{}, errKilled
	}
	return r, err
}

func (m *mortal) Commit(ctx context.Context, b cairn.Batch) (r cairn.BatchReceipt, err error) {
	stored, heard := m.live()
	if stored {
		r, err = m.Store.Commit(ctx, b)
	}
	if !heard {
		return cairn.BatchReceipt{}, errKilled
	}
	return r, err
}

// openMortal runs a service that is killed, and started again when it is dead.
func (v *town) openMortal(name string, m *mortal) {
	v.t.Helper()
	doomed := v.o
	doomed.Store, doomed.Bus = m, platform.LogBus(m, v.o.Logger)
	ctx, cancel := context.WithCancelCause(context.Background())
	ended := make(chan error, 1)
	first, err := shop.New(v.t.Context(), doomed, name)
	must(v.t, err)
	go func() {
		err := first.Run(ctx)
		if ctx.Err() == nil {
			var second *shop.Shop
			if second, err = shop.New(ctx, v.o, name); err == nil {
				err = second.Run(ctx)
			}
		}
		ended <- err
	}()
	v.t.Cleanup(once(func() {
		cancel(errShut)
		if err := <-ended; !errors.Is(err, errShut) {
			v.t.Errorf("%s has ended: %v", name, err)
		}
	}))
}

// insist asks until there is an answer.
func (v *town) insist(service, method, path string, body, out any) {
	v.t.Helper()
	var err error
	for range 100 {
		if _, err = v.ask(service).Do(v.t.Context(), method, path, body, out); err == nil {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	v.t.Fatal(err)
}

// trade is a morning at the shop: an order that goes well, and one that fails so
// late that all has to be made good.
func (v *town) trade() {
	many := stone
	many.Quantity = 99
	for id, lines := range map[string][]contract.Line{"1": {stone, tent}, "2": {tent, many}} {
		v.insist("order", "POST", "/orders", map[string]any{"id": id, "customer": "Ann", "lines": lines}, nil)
	}
	v.await("1", order.Allocated)
	v.await("2", order.AllocationException)
	if r := v.settled(2); r.Kept != 35500 || r.Units != 3 || r.Taken != 35500+64600 {
		v.t.Errorf("%v", r)
	}
	v.letters("1", "order.completed", "order.placed", "payment.received")
	v.letters("2", "order.failed", "order.placed", "payment.received", "payment.refunded")
}

// letters waits until somebody has had letters about these, and each once.
func (v *town) letters(id string, want ...string) {
	v.t.Helper()
	var got []string
	for range 100 {
		var all []struct{ Because string }
		v.insist("notification", "GET", "/notifications?order="+id, nil, &all)
		got = nil
		for _, l := range all {
			got = append(got, l.Because)
		}
		slices.Sort(got)
		if len(got) >= len(want) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !slices.Equal(got, want) {
		v.t.Errorf("letters about order %s: %v; want %v", id, got, want)
	}
}

// TestKilled kills each service at each of its writes, before and after it is
// stored, and starts it again.
func TestKilled(t *testing.T) {
	for _, victim := range []string{"order", "process", "payment", "inventory", "catalogue", "notification"} {
		t.Run(victim, func(t *testing.T) {
			t.Parallel()
			m := &mortal{}
			inTown(t, func(t *testing.T, v *town) { v.kill(victim, m) })
			n, step := m.writes.Load(), stride(t)
			t.Logf("%d writes", n)
			for at := int64(1); at <= n; at += step {
				for _, after := range []bool{false, true} {
					t.Run(fmt.Sprintf("at %d, stored %v", at, after), func(t *testing.T) {
						inTown(t, func(t *testing.T, v *town) { v.kill(victim, &mortal{at: at, after: after}) })
					})
				}
			}
		})
	}
}

// stride is how many writes lie between two that kill: 5, 11 where tests shall be
// short, or what CAIRN_KILL_STRIDE says.
func stride(t *testing.T) int64 {
	n := int64(5)
	if testing.Short() {
		n = 11
	}
	if s := os.Getenv("CAIRN_KILL_STRIDE"); s != "" {
		var err error
		n, err = strconv.ParseInt(s, 10, 64)
		must(t, err)
	}
	return max(n, 1)
}

func (v *town) kill(victim string, m *mortal) {
	m.Store = v.store
	v.open(slices.DeleteFunc(slices.Clone(shop.Names), func(name string) bool { return name == victim })...)
	v.openMortal(victim, m)
	v.known("stone-first")
	m.armed.Store(true)
	v.trade()
}
