package torture

import (
	"math/rand/v2"

	"github.com/cairndb/cairn/examples/bank/account"
)

// A plan is what a task does: it moves money from one account to another, or
// changes money at one.
type plan struct {
	from, to account.Number
	amount   account.Money
	change   bool
}

// one in so many tasks changes money: an append to one stream among batches.
const changeEvery = 8

// plan draws what the task does. The same seed and task draw the same.
func (s settings) plan(t task, accounts []account.Number) plan {
	r := rand.New(rand.NewPCG(s.Seed, uint64(t.Turn)<<48|uint64(t.Worker)<<32|uint64(t.N)))
	from := r.IntN(len(accounts))
	to := r.IntN(len(accounts) - 1)
	if to >= from {
		to++
	}
	return plan{
		from:   accounts[from],
		to:     accounts[to],
		amount: account.Money(1 + r.Int64N(int64(s.Initial))),
		change: r.IntN(changeEvery) == 0,
	}
}
