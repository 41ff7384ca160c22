package inventory_test

import (
	"errors"
	"testing"

	"github.com/cairndb/cairn/decider/decidertest"
	c "github.com/cairndb/cairn/examples/eshop/contract"
	. "github.com/cairndb/cairn/examples/eshop/inventory"
)

var (
	stock = decidertest.With(Stock.Evolve)
	five  = stock.Given(Counted{5})
	two   = c.Line{SKU: "tent", Name: "Tent", Quantity: 2, Cents: 100}
)

func TestStock(t *testing.T) {
	stock.When(Count(5, true)).Then(t, Counted{5})
	five.When(Count(40, true)).Then(t) // it was listed again
	five.When(Count(5, false)).Then(t)
	five.When(Count(0, false)).Then(t, Counted{0})
	five.When(Reserve("7", two)).Then(t, Reserved{"7", 2})
	five.When(Reserve("7", two)).ThenState(t, Stock{Known: true, Available: 3, Reserved: 2})
	four := five.Given(Reserved{"7", 4})
	_, err := Reserve("8", two)(Stock{Known: true, Available: 1, Reserved: 4})
	short, ok := errors.AsType[*ShortError](err)
	if !ok || *short != (ShortError{"Tent", 2, 1}) || err.Error() != "2 of Tent wanted, and 1 there" {
		t.Error(err)
	}
	four.When(Count(3, false)).ThenState(t, Stock{Known: true, Available: 3, Reserved: 4})
	four.When(Release("7", two)).ThenState(t, Stock{Known: true, Available: 3, Reserved: 2})
	if _, err := Reserve("8", two)(Stock{}); err == nil {
		t.Error("what nobody has counted was set aside")
	}
}
