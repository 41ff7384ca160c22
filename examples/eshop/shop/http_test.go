package shop_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/inventory"
	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/projection"
)

// TestOrdersOverHTTP: what was written can be read with its token, and what an
// order once was can be asked for ever after.
func TestOrdersOverHTTP(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.open()
		v.mode("payment", "slow")
		header, err := v.ask("order").Do(t.Context(), "POST", "/orders", map[string]any{"id": "1", "customer": "Ann", "lines": []contract.Line{stone}}, nil)
		must(t, err)
		token := "?" + projection.TokenQuery + "=" + header.Get(projection.TokenHeader)
		var now order.Listed
		v.do("order", "GET", "/orders/1"+token, nil, &now)
		if now.ID != "1" || now.Status != order.Created || now.Customer != "Ann" || now.Cents != 600 || now.At.IsZero() {
			t.Errorf("%+v", now)
		}
		v.do("order", "POST", "/orders/1/products", tent, nil)
		v.mode("payment", "ok")
		v.do("order", "DELETE", "/orders/1/products/stone-first", nil, nil)
		v.await("1", order.Allocated)
		var then order.Order
		for at, want := range map[string]order.State{
			"0": {Customer: "Ann", Status: order.Created, Lines: []contract.Line{stone}, Cents: 600},
			"1": {Customer: "Ann", Status: order.Created, Lines: []contract.Line{stone, tent}, Cents: 35500},
			"2": {Customer: "Ann", Status: order.Created, Lines: []contract.Line{tent}, Cents: 34900},
			"3": {Customer: "Ann", Status: order.Paid, Lines: []contract.Line{tent}, Cents: 34900, Paid: 34900},
		} {
			then = order.Order{}
			v.do("order", "GET", "/orders/1?at="+at, nil, &then)
			if then.Status != want.Status || then.Cents != want.Cents || len(then.Lines) != len(want.Lines) || then.Paid != want.Paid {
				t.Errorf("at %s: %+v; want %+v", at, then, want)
			}
		}
		var history []struct {
			Revision int64
			Type     string
			At       time.Time
			Then     order.State
		}
		v.do("order", "GET", "/orders/1/history", nil, &history)
		var types []string
		for _, f := range history {
			types = append(types, f.Type)
		}
		const want = "OrderPlaced ProductAdded ProductRemoved OrderPaid ValidationRequested OrderValidated AllocationRequested OrderAllocated"
		if got := strings.Join(types, " "); got != want || history[7].Then.Status != order.Allocated {
			t.Errorf("history %s\nwant    %s", got, want)
		}
	})
}

func TestDashboardAndList(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.open()
		v.trade()
		header, err := v.ask("order").Do(t.Context(), "POST", "/orders", map[string]any{"id": "3", "customer": "Bob", "lines": []contract.Line{stone}}, nil)
		must(t, err)
		v.await("3", order.Allocated)
		v.settled(3)
		token := projection.TokenQuery + "=" + header.Get(projection.TokenHeader)
		var d order.Dashboard
		for d.Cents != 36100 || d.Refunded == 0 {
			v.do("order", "GET", "/dashboard?"+token, nil, &d)
			time.Sleep(10 * time.Millisecond)
		}
		if d.Orders != 3 || d.Refunded != 64600 || len(d.ByStatus) != 2 || d.ByStatus[0] != (order.Count{Name: "allocated", Count: 2, Cents: 36100}) {
			t.Errorf("%+v", d)
		}
		if len(d.ByProduct) != 2 || d.ByProduct[0] != (order.Count{Name: "Scree 2 tent", Count: 1, Cents: 34900}) || len(d.ByHour) != 1 || d.ByHour[0].Count != 3 {
			t.Errorf("%+v", d)
		}
		var list []order.Listed
		v.do("order", "GET", "/orders?customer=Bob&"+token, nil, &list)
		if len(list) != 1 || list[0].ID != "3" {
			t.Errorf("%+v", list)
		}
		if v.do("order", "GET", "/orders", nil, &list); len(list) != 3 {
			t.Errorf("%d orders", len(list))
		}
		var stock []inventory.Level
		v.do("inventory", "GET", "/stock", nil, &stock)
		for _, l := range stock {
			if l.SKU == "stone-first" && l != (inventory.Level{SKU: "stone-first", Available: 36, Reserved: 4}) {
				t.Errorf("%+v", l)
			}
		}
		if len(stock) != 24 {
			t.Errorf("%d products", len(stock))
		}
	})
}

func TestLive(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.open()
		v.mode("payment", "slow")
		v.place("1", stone)
		resp, err := v.network.Client().Get(v.network.URL("order") + "/orders/1/live")
		must(t, err)
		defer resp.Body.Close()
		v.do("order", "POST", "/orders/1/cancel", map[string]string{"reason": "no"}, nil)
		var got []string
		for lines := bufio.NewScanner(resp.Body); len(got) < 2 && lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				got = append(got, data)
			}
		}
		if len(got) != 2 || !strings.Contains(got[0], `"status":"created"`) || !strings.Contains(got[1], `"status":"cancelled"`) {
			t.Errorf("%q", got)
		}
		var heard order.Update
		must(t, json.Unmarshal([]byte(got[1]), &heard))
		if v.do("order", "GET", "/orders/1?"+projection.TokenQuery+"="+heard.Token, nil, &heard); heard.Status != "cancelled" {
			t.Errorf("what was heard is not what is read: %+v", heard)
		}
	})
}

// TestRefusals: what is wrong is said, and nothing is done.
func TestRefusals(t *testing.T) {
	inTown(t, func(t *testing.T, v *town) {
		v.open()
		v.mode("payment", "slow")
		v.place("there", stone)
		many := make([]contract.Line, order.MaxLines+1)
		for name, c := range map[string]struct {
			service, method, path string
			body                  any
			status                int
			field                 string
		}{
			"no ID":         {"order", "POST", "/orders", placement("", stone), 400, "id"},
			"bad ID":        {"order", "POST", "/orders", placement("../7", stone), 400, "id"},
			"long ID":       {"order", "POST", "/orders", placement(strings.Repeat("a", 65), stone), 400, "id"},
			"no lines":      {"order", "POST", "/orders", placement("1"), 400, "lines"},
			"many lines":    {"order", "POST", "/orders", placement("1", many...), 400, "lines"},
			"twice a line":  {"order", "POST", "/orders", placement("1", stone, stone), 400, "lines[1].sku"},
			"no quantity":   {"order", "POST", "/orders", placement("1", contract.Line{SKU: "a", Name: "A", Cents: 1}), 400, "lines[0].quantity"},
			"negative":      {"order", "POST", "/orders", placement("1", contract.Line{SKU: "a", Name: "A", Quantity: 1, Cents: -1}), 400, "lines[0].cents"},
			"no JSON":       {"order", "POST", "/orders", "?", 400, "body"},
			"another order": {"order", "POST", "/orders", placement("there", tent), 409, ""},
			"no order":      {"order", "GET", "/orders/none", nil, 404, ""},
			"no history":    {"order", "GET", "/orders/none/history", nil, 404, ""},
			"no past":       {"order", "GET", "/orders/none?at=0", nil, 404, ""},
			"bad past":      {"order", "GET", "/orders/there?at=x", nil, 400, "at"},
			"bad token":     {"order", "GET", "/orders/there?cairn-position=x", nil, 400, "Cairn-Position"},
			"cancel none":   {"order", "POST", "/orders/none/cancel", map[string]string{"reason": "no"}, 404, ""},
			"no reason":     {"order", "POST", "/orders/there/cancel", map[string]string{}, 400, "reason"},
			"no product":    {"order", "DELETE", "/orders/there/products/x", nil, 404, ""},
			"payment mode":  {"payment", "POST", "/payment/mode", map[string]string{"mode": "broken"}, 400, "mode"},
			"stock below":   {"inventory", "PUT", "/stock/a", map[string]int{"quantity": -1}, 400, "quantity"},
			"stock name":    {"inventory", "PUT", "/stock/a%20b", map[string]int{"quantity": 1}, 400, "sku"},
		} {
			_, err := v.ask(c.service).Do(t.Context(), c.method, c.path, c.body, nil)
			p, ok := errors.AsType[*rest.Problem](err)
			if !ok || p.Status != c.status || p.Field != c.field {
				t.Errorf("%s: %v (%+v); want %d about %q", name, err, p, c.status, c.field)
			}
		}
		resp, err := v.network.Client().Get(v.network.URL("order") + "/orders/none/live")
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Error("live:", resp.Status)
		}
	})
}

func placement(id string, lines ...contract.Line) map[string]any {
	return map[string]any{"id": id, "customer": "Ann", "lines": lines}
}
