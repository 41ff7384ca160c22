package shop_test

import (
	"testing"
	"time"

	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/order"
)

func (v *town) mode(service, mode string) {
	v.t.Helper()
	v.do(service, "POST", "/"+service+"/mode", map[string]string{"mode": mode}, nil)
}

func (v *town) stock(sku string, quantity int) {
	v.t.Helper()
	v.do("inventory", "PUT", "/stock/"+sku, map[string]int{"quantity": quantity}, nil)
}

func TestAnOrderGoesWell(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.open()
		v.place("1", stone, tent)
		s := v.await("1", order.Allocated)
		if s.Paid != 35500 || s.Cents != 35500 {
			t.Errorf("%+v", s)
		}
		if r := v.settled(1); r.Kept != 35500 || r.Units != 3 || r.Returned != 0 {
			t.Errorf("%v", r)
		}
	})
}

// TestEnds: each way in which an order may end other than well. Nothing is kept,
// and nothing remains set aside.
func TestEnds(t *testing.T) {
	dearer := tent
	dearer.Cents++
	for name, c := range map[string]struct {
		before, after func(v *town)
		lines         []contract.Line
		want          order.Status
		reason        string
		refunded      int64
	}{
		"payment refused": {
			before: func(v *town) { v.mode("payment", "fail") }, want: order.PaymentException, reason: "the bank has declined",
		},
		"payment too slow": {
			before: func(v *town) { v.mode("payment", "slow") }, want: order.PaymentException, reason: "it was not paid in time",
		},
		"another price": {
			lines: []contract.Line{dearer}, want: order.ValidationException, reason: "Scree 2 tent costs €349.00 now, and €349.01 was ordered", refunded: 34901,
		},
		"no such product": {
			lines: []contract.Line{stone, {SKU: "moon", Name: "Moon", Quantity: 1, Cents: 1}},
			want:  order.ValidationException, reason: `there is no product "moon"`, refunded: 601,
		},
		"warehouse closed": {
			before: func(v *town) { v.mode("inventory", "fail") }, want: order.AllocationException, reason: "the warehouse is closed", refunded: 35500,
		},
		"not enough": {
			before: func(v *town) { v.stock("stone-first", 1) }, want: order.AllocationException,
			reason: "2 of A stone for a cairn wanted, and 1 there", refunded: 35500,
		},
		"cancelled": {
			before: func(v *town) { v.mode("payment", "slow") },
			after: func(v *town) {
				v.do("order", "POST", "/orders/1/cancel", map[string]string{"reason": "too heavy"}, nil)
			},
			want: order.Cancelled, reason: "too heavy",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTown(t, func(t *testing.T, v *town) {
				v.open()
				if c.before != nil {
					v.before(c.before)
				}
				if c.lines == nil {
					c.lines = []contract.Line{stone, tent}
				}
				v.place("1", c.lines...)
				if c.after != nil {
					c.after(v)
				}
				s := v.await("1", order.Allocated, c.want)
				if s.Status != c.want || s.Reason != c.reason {
					t.Errorf("%+v", s)
				}
				r := v.settled(1)
				if r.Taken != c.refunded || r.Returned != c.refunded || r.Units != 0 {
					t.Errorf("%v", r)
				}
				time.Sleep(2 * time.Minute) // what was slow comes now, and nobody wants it any more
				if r := v.settled(1); r.Taken != c.refunded {
					t.Errorf("later: %v", r)
				}
			})
		})
	}
}

// before prepares a shop, whose inventory has heard of the products by then: the
// first count of a product must not come after the test's.
func (v *town) before(prepare func(*town)) {
	v.t.Helper()
	v.known("stone-first")
	prepare(v)
}

func TestASlowPaymentInTime(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.o.Slow = 50 * time.Second
		v.open()
		v.mode("payment", "slow")
		v.place("1", stone)
		began := time.Now()
		v.await("1", order.Paid)
		if took := time.Since(began); took < 50*time.Second || took > 55*time.Second {
			t.Errorf("it took %v", took)
		}
		v.await("1", order.Allocated)
		v.settled(1)
	})
}

// TestAnOrderIsChanged: what is paid is what the order comes to in the end.
func TestAnOrderIsChanged(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.o.Slow = 50 * time.Second
		v.open()
		v.mode("payment", "slow")
		v.place("1", stone)
		v.do("order", "POST", "/orders/1/products", tent, nil)
		v.do("order", "POST", "/orders/1/products", stone, nil)
		v.mode("payment", "ok")
		v.do("order", "DELETE", "/orders/1/products/tent-scree-2", nil, nil)
		s := v.await("1", order.Allocated)
		if s.Cents != 1200 || s.Paid != 1200 || len(s.Lines) != 1 || s.Lines[0].Quantity != 4 {
			t.Errorf("%+v", s)
		}
		if r := v.settled(1); r.Kept != 1200 || r.Units != 4 {
			t.Errorf("%v", r)
		}
	})
}
