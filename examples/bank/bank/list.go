package bank

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
)

// List folds all accounts, in the order in which they were opened. It reads
// every event of every account: a bank of any size would keep a read model.
func (b *Bank) List(ctx context.Context) ([]Account, error) {
	all := map[account.Number]Account{}
	opened := map[account.Number]cairn.Position{}
	accounts := cairn.AllOptions{Query: cairn.ByCategory(account.Category)}
	for r, err := range b.store.ReadAll(ctx, accounts) {
		if err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		number, ok := account.NumberOfStream(r.Stream)
		if !ok {
			continue // somebody else's, in a category of the same name
		}
		e, err := account.Events.Decode(r)
		if err != nil {
			return nil, err
		}
		all[number] = Account{Number: number, State: all[number].State.Evolve(e), Revision: r.Revision, Position: r.Position}
		if r.Revision == 0 {
			opened[number] = r.Position
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Account) int {
		return int(opened[a.Number]) - int(opened[b.Number])
	}), nil
}
