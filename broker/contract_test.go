package broker_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

func TestContractsAreRefused(t *testing.T) {
	named := func(name string) broker.Registered { return broker.EventType[placedV1]{Name: name} }
	const source = "https://shop.example.com"
	for name, c := range map[string]struct {
		source string
		types  []broker.Registered
		says   string
	}{
		"no source":        {"", []broker.Registered{orderPlaced}, "source: must not be empty"},
		"bad source":       {"https://shop example.com:x", []broker.Registered{orderPlaced}, "source: is no URI"},
		"empty fragment":   {"#", []broker.Registered{orderPlaced}, "says nothing"},
		"no types":         {source, nil, "types: there are none"},
		"nil type":         {source, []broker.Registered{orderPlaced, nil}, "types[1]: must not be nil"},
		"no name":          {source, []broker.Registered{named("")}, "must not be empty"},
		"long name":        {source, []broker.Registered{named(strings.Repeat("x", 257))}, "longer than 256 bytes"},
		"space in a name":  {source, []broker.Registered{named("order placed")}, "order placed"},
		"newline":          {source, []broker.Registered{named("order\n")}, "not printable"},
		"not UTF-8":        {source, []broker.Registered{named("\xff")}, "not printable"},
		"twice":            {source, []broker.Registered{orderPlaced, orderCancelled, named(orderPlaced.Name)}, `types[2]: "com.example.order.placed.v1" is registered already, for broker_test.placedV1`},
		"a pointer":        {source, []broker.Registered{broker.EventType[*placedV1]{Name: "a"}}, "the type itself"},
		"an interface":     {source, []broker.Registered{broker.EventType[any]{Name: "a"}}, "the type itself"},
		"what no JSON can": {source, []broker.Registered{broker.EventType[struct{ C chan int }]{Name: "a"}}, "cannot be JSON"},
	} {
		got, err := broker.NewContract(c.source, c.types...)
		if !errors.Is(err, cairn.ErrInvalid) || !strings.Contains(err.Error(), c.says) || got != nil {
			t.Errorf("%s: got %v, want an error that says %q", name, err, c.says)
		}
	}
}

func TestContractsListTheirTypes(t *testing.T) {
	c := shop(t)
	equal(t, "source", c.Source(), "https://shop.example.com/orders")
	all := c.Types()
	equal(t, "types", len(all), 2)
	equal(t, "by name", all[0].Name+" "+all[1].Name, orderCancelled.Name+" "+orderPlaced.Name)
	equal(t, "data", all[1].Data, "broker_test.placedV1")
	equal(t, "topic", all[1].Topic, "orders")
	equal(t, "description", all[1].Description, orderPlaced.Description)
}
