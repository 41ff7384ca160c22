package shop_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/shop"
)

// A slow store takes its time for every batch, so that many decide on what others
// are about to change.
type slow struct{ cairn.Store }

func (s slow) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	time.Sleep(time.Duration(rand.Int64N(int64(20 * time.Millisecond))))
	return s.Store.Commit(ctx, b)
}

// TestNothingIsOversold: many want the last ones at the same moment.
func TestNothingIsOversold(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.open(slices.DeleteFunc(slices.Clone(shop.Names), func(name string) bool { return name == "inventory" })...)
		v.o.Store = slow{v.store}
		v.open("inventory")
		v.known("stone-first")
		v.known("tent-scree-2")
		v.stock("stone-first", 9) // for four orders, and one stone more
		const orders = 24
		var all sync.WaitGroup
		for n := range orders {
			all.Go(func() { v.place(fmt.Sprint("o", n), stone, tent) })
		}
		all.Wait()
		got := map[order.Status]int{}
		for n := range orders {
			got[v.await(fmt.Sprint("o", n), order.Allocated, order.AllocationException).Status]++
		}
		if got[order.Allocated] != 4 || got[order.AllocationException] != 20 {
			t.Errorf("%v", got)
		}
		if r := v.settled(orders); r.Units != 12 || r.Kept != 4*35500 || r.Returned != 20*35500 {
			t.Errorf("%v", r)
		}
	})
}

// A stutter is a bus on which everything is said twice, and delivered again when it
// was handled: the acknowledgement is lost each time.
type stutter struct{ platform.Bus }

func (s stutter) Publisher() (broker.Publisher, error) {
	p, err := s.Bus.Publisher()
	return twice{p}, err
}

type twice struct{ broker.Publisher }

func (p twice) Publish(ctx context.Context, m broker.Message) error {
	if err := p.Publisher.Publish(ctx, m); err != nil {
		return err
	}
	return p.Publisher.Publish(ctx, m)
}

func (s stutter) Subscriber(topic, name string) (broker.Subscriber, error) {
	sub, err := s.Bus.Subscriber(topic, name)
	return again{sub}, err
}

type again struct{ broker.Subscriber }

func (a again) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	return a.Subscriber.Subscribe(ctx, func(ctx context.Context, d broker.Delivery) error {
		if err := handle(ctx, d); err != nil {
			return err
		}
		return handle(ctx, d)
	})
}

func TestDuplicates(t *testing.T) {
	for name, bus := range map[string]func(v *town) platform.Bus{
		"log": func(v *town) platform.Bus { return v.bus },
		"memory": func(v *town) platform.Bus {
			return platform.MemoryBus(broker.NewMemory(broker.MemoryOptions{}), v.o.Logger)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTown(t, func(t *testing.T, v *town) {
				v.o.Bus = stutter{bus(v)}
				v.open()
				v.trade()
			})
		})
	}
}

// TestOneConversation: whatever any service has stored because of an order belongs
// to one conversation, and all but its beginning has a cause that is in the log.
func TestOneConversation(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.open()
		v.place("lone", stone)
		v.settled(1)
		seen, services := map[string]bool{}, map[string]bool{}
		for r, err := range v.store.ReadAll(t.Context(), cairn.AllOptions{NoSystem: true}) {
			must(t, err)
			seen[r.ID.String()] = true
			if !strings.HasSuffix(r.Stream, "-lone") && !strings.HasSuffix(r.Stream, "/lone") {
				continue
			}
			var m map[string]string
			must(t, json.Unmarshal(r.Metadata, &m))
			if m["$correlationId"] != "lone" {
				t.Errorf("%s in %s: %s", r.Type, r.Stream, r.Metadata)
			}
			if r.Type != "OrderPlaced" && !seen[m["$causationId"]] {
				t.Errorf("%s in %s has no cause: %s", r.Type, r.Stream, r.Metadata)
			}
			services[cairn.Category(r.Stream)] = true
		}
		for _, want := range []string{"order", "eshop.orders", "processheard", "saga", "processsaid", "eshop.process", "payment", "eshop.payments", "eshop.validation", "allocation", "eshop.inventory"} {
			if !services[want] {
				t.Errorf("nothing of the conversation in the streams of %s", want)
			}
		}
	})
}

// TestRestart: what was under way goes on, with the same store and tables.
func TestRestart(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.o.Slow = 30 * time.Second
		shut := v.open()
		v.mode("payment", "slow")
		v.place("1", stone)
		v.place("2", tent)
		shut()
		v.open()
		v.await("1", order.Allocated)
		v.await("2", order.Allocated)
		v.settled(2)
		var mode struct{ Mode string }
		if v.do("payment", "GET", "/payment/mode", nil, &mode); mode.Mode != "slow" {
			t.Error("the switch has forgotten:", mode)
		}
	})
}
