package torture

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

// readEvery is how often a worker reads what it has just written.
const readEvery = 16

type counters struct{ transfers, changes, refused atomic.Uint64 }

func (c *counters) load() work {
	return work{Transfers: c.transfers.Load(), Changes: c.changes.Load(), Refused: c.refused.Load()}
}

// do does a task, and writes down the answer before it returns.
func (t *turn) do(ctx context.Context, todo task) error {
	p := t.plan(todo, t.accounts)
	answer, err := t.attempt(ctx, todo, p)
	if err != nil {
		return err
	}
	if err := t.acks.write(answer); err != nil {
		return err
	}
	t.count(answer)
	if todo.N%readEvery == 0 && answer.Refused == "" {
		return t.readBack(ctx, p.to, answer)
	}
	return nil
}

// attempt asks the bank. That the bank refuses is an answer and no error.
func (t *turn) attempt(ctx context.Context, todo task, p plan) (ack, error) {
	if p.change {
		a, err := t.bank.Do(ctx, p.to, change(p.amount))
		return ack{task: todo, place: place{Position: a.Position, To: a.Revision}, Change: true}, err
	}
	r, err := t.bank.Transfer(ctx, p.transfer(todo))
	if refused(err) {
		return ack{task: todo, Refused: err.Error()}, nil
	}
	return ack{task: todo, place: placeOf(r)}, err
}

func (t *turn) count(a ack) {
	switch {
	case a.Refused != "":
		t.work.refused.Add(1)
	case a.Change:
		t.work.changes.Add(1)
	default:
		t.work.transfers.Add(1)
	}
}

// readBack reads the account that was written to last. What an append returned,
// every later read sees.
func (t *turn) readBack(ctx context.Context, n account.Number, a ack) error {
	now, err := t.bank.Account(ctx, n)
	if err != nil {
		return err
	}
	if now.Revision < a.To {
		return broken("read your writes", "account %s stands at revision %d, and %v was acknowledged at %d",
			n, now.Revision, a.task, a.To)
	}
	if now.Balance < 0 {
		return broken("isolated", "account %s stands at %v", n, now.Balance)
	}
	return nil
}

// change pays an amount in and out again: two events in one append.
func change(amount account.Money) account.Decision {
	return func(s account.State) ([]account.Event, error) {
		in, err := account.Deposit(amount)(s)
		if err != nil {
			return nil, err
		}
		return append(in, account.Withdrawn{Amount: amount}), nil
	}
}

func (p plan) transfer(t task) bank.Transfer {
	return bank.Transfer{ID: t.id(), From: p.from, To: p.to, Amount: p.amount}
}

func placeOf(r bank.Receipt) place { return place{Position: r.Position, From: r.From, To: r.To} }

// refused reports whether the bank, and not the store, said no.
func refused(err error) bool { return errors.Is(err, account.ErrInsufficient) }
