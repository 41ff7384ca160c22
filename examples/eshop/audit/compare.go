package audit

import (
	"reflect"
	"slices"
	"strings"

	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/order"
)

// compare looks at one order, if its process has ended.
func (b *books) compare(id string) {
	o, paid, aside := b.orders[id], b.payments[id].Paid, b.allocations[id].Lines
	switch {
	case !b.ended[id]:
		b.Open++
	case o.Status == order.Allocated:
		b.Kept += o.Cents
		if paid != o.Cents {
			b.wrong("order %s comes to %d cents, and %d were taken", id, o.Cents, paid)
		}
		if !reflect.DeepEqual(sorted(o.Lines), sorted(aside)) {
			b.wrong("order %s is of %v, and %v is set aside", id, o.Lines, aside)
		}
	case !o.Ended():
		b.wrong("the process of order %s has ended, and the order is %s", id, o.Status)
	default:
		if paid != 0 {
			b.wrong("order %s is %s, and %d cents were not given back", id, o.Status, paid)
		}
		if len(aside) > 0 {
			b.wrong("order %s is %s, and %v is set aside", id, o.Status, aside)
		}
	}
}

func sorted(lines []contract.Line) []contract.Line {
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b contract.Line) int { return strings.Compare(a.SKU, b.SKU) })
	return lines
}
