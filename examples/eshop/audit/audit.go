package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/inventory"
	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/payment"
	"github.com/cairndb/cairn/saga"
)

// A Report is what was found.
type Report struct {
	Events   int64 // that were read
	Orders   int
	Open     int   // orders whose process has not ended: about them nothing can be said yet
	Taken    int64 // cents, from all customers
	Returned int64 // cents, to all customers
	Kept     int64 // cents, of the orders that were carried out
	Units    int   // set aside
	Wrong    []string
}

// OK says that nothing is wrong.
func (r *Report) OK() bool { return len(r.Wrong) == 0 }

// String is the report in a few lines.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d orders, %d of them under way, in %d events\n", r.Orders, r.Open, r.Events)
	fmt.Fprintf(&b, "%d cents taken, %d given back, %d due for what was delivered; %d units set aside\n", r.Taken, r.Returned, r.Kept, r.Units)
	for _, w := range r.Wrong {
		fmt.Fprintf(&b, "WRONG: %s\n", w)
	}
	if r.OK() {
		b.WriteString("money and stock are conserved\n")
	}
	return b.String()
}

// A books is what was folded.
type books struct {
	Report
	orders      map[string]order.State
	payments    map[string]payment.State
	allocations map[string]inventory.Allocation
	stock       map[string]inventory.Stock
	ended       map[string]bool
}

// Run audits a store. An error means that it could not be done.
func Run(ctx context.Context, log cairn.LogReader) (*Report, error) {
	b := &books{
		orders: map[string]order.State{}, payments: map[string]payment.State{}, allocations: map[string]inventory.Allocation{},
		stock: map[string]inventory.Stock{}, ended: map[string]bool{},
	}
	query := cairn.ByCategory(order.Category, payment.Category, inventory.StockCategory, inventory.AllocationCategory, "saga")
	for r, err := range log.ReadAll(ctx, cairn.AllOptions{Query: query}) {
		if err == nil {
			err = b.enter(&r)
		}
		if err != nil {
			return nil, err
		}
		b.Events++
	}
	b.close()
	return &b.Report, nil
}

// enter folds one event.
func (b *books) enter(r *cairn.Recorded) error {
	category, id, _ := strings.Cut(r.Stream, "-")
	switch category {
	case order.Category:
		e, err := order.Events.Decode(*r)
		if err == nil {
			b.orders[id] = b.orders[id].Evolve(e)
		}
		return err
	case payment.Category:
		e, err := payment.Events.Decode(*r)
		if err == nil {
			b.pay(id, e)
		}
		return err
	case inventory.AllocationCategory:
		e, err := inventory.AllocationEvents.Decode(*r)
		if err == nil {
			b.allocations[id] = b.allocations[id].Evolve(e)
		}
		return err
	case inventory.StockCategory:
		e, err := inventory.StockEvents.Decode(*r)
		if err == nil {
			b.move(id, e, r)
		}
		return err
	}
	if _, id, found := strings.Cut(id, "-"); found && r.Type == saga.TypeEnded {
		b.ended[id] = true
	}
	return nil
}

func (b *books) pay(order string, e payment.Event) {
	switch e := e.(type) {
	case payment.Charged:
		b.Taken += e.Cents
	case payment.Returned:
		b.Returned += e.Cents
	case payment.Refunded:
		b.Returned += e.Cents
	}
	b.payments[order] = b.payments[order].Evolve(e)
}

func (b *books) move(sku string, e inventory.StockEvent, r *cairn.Recorded) {
	s := b.stock[sku].Evolve(e)
	if s.Available < 0 || s.Reserved < 0 {
		b.wrong("%s: %d available and %d set aside at position %d", sku, s.Available, s.Reserved, r.Position)
	}
	b.stock[sku] = s
}

func (b *books) wrong(format string, args ...any) {
	b.Wrong = append(b.Wrong, fmt.Sprintf(format, args...))
}

// close compares.
func (b *books) close() {
	b.Orders = len(b.orders)
	aside := map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(b.allocations)) {
		for _, l := range b.allocations[id].Lines {
			aside[l.SKU] += l.Quantity
			b.Units += l.Quantity
		}
	}
	for _, sku := range slices.Sorted(maps.Keys(b.stock)) {
		if b.stock[sku].Reserved != aside[sku] {
			b.wrong("%s: %d set aside, and %d for its orders", sku, b.stock[sku].Reserved, aside[sku])
		}
	}
	var kept int64
	for _, id := range slices.Sorted(maps.Keys(b.orders)) {
		b.compare(id)
		kept += b.payments[id].Paid
	}
	if b.Taken-b.Returned != kept {
		b.wrong("%d cents were taken and not given back, and orders account for %d", b.Taken-b.Returned, kept)
	}
}
