package contract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/asyncapi"
	"github.com/cairndb/cairn/examples/eshop/contract"
)

// TestContracts: each can be made and described, says what it says on topics that
// there are, in an order that its key keeps, and under names that nobody else has.
func TestContracts(t *testing.T) {
	names := map[string]bool{}
	for _, by := range []func() (*broker.Contract, error){
		contract.ByOrders, contract.ByProcess, contract.ByPayments, contract.ByValidation, contract.ByInventory, contract.ByCatalogue, contract.ByReviews,
	} {
		c, err := by()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.Types() {
			if names[e.Name] || !slices.Contains(contract.Topics, e.Topic) || !e.Keyed || e.Description == "" {
				t.Errorf("%s: %+v", c.Source(), e)
			}
			names[e.Name] = true
		}
		if _, err := asyncapi.YAML(c, asyncapi.Info{Title: c.Source(), Version: "1.0.0"}); err != nil {
			t.Error(err)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	seen := map[contract.Subscription]bool{}
	for _, s := range contract.Subscriptions {
		if seen[s] || !slices.Contains(contract.Topics, s.Topic) || s.Name == "" || strings.Contains(s.Topic, "-") {
			t.Errorf("%+v", s)
		}
		seen[s] = true
	}
}
