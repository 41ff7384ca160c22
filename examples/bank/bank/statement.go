package bank

import (
	"context"
	"iter"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
)

// A Line is one event of an account, with what it did to the balance.
type Line struct {
	Time     time.Time      `json:"time"`
	Revision cairn.Revision `json:"revision"`
	Position cairn.Position `json:"position"`
	Type     string         `json:"type"`
	Event    account.Event  `json:"event"`
	Amount   account.Money  `json:"amount"` // added; below zero if taken
	Balance  account.Money  `json:"balance"`
}

// Statement reads every event of an account, oldest first. An account that was
// never opened is [account.ErrMissing].
//
// A statement is not kept anywhere: the events are the statement.
func (b *Bank) Statement(ctx context.Context, n account.Number) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		var balance account.Money
		empty := true
		for r, err := range b.store.ReadStream(ctx, n.Stream(), cairn.ReadOptions{}) {
			line, err := lineOf(r, err, balance)
			if balance, empty = line.Balance, false; !yield(line, err) || err != nil {
				return
			}
		}
		if empty {
			yield(Line{}, missing(n))
		}
	}
}

// lineOf is the line of an event, if it could be read, after a balance.
func lineOf(r cairn.Recorded, err error, before account.Money) (Line, error) {
	if err != nil {
		return Line{}, err
	}
	e, err := account.Events.Decode(r)
	if err != nil {
		return Line{}, err
	}
	return Line{
		Time: r.Time, Revision: r.Revision, Position: r.Position, Type: r.Type, Event: e,
		Amount: account.Effect(e), Balance: before + account.Effect(e),
	}, nil
}
