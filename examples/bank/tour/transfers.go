package tour

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

func (g *guide) transfer(ctx context.Context) error {
	var err error
	if g.moment, err = g.now(ctx); err != nil {
		return err
	}
	g.say("Money that has left one account and not reached the other would be nowhere. Both events are " +
		"therefore one batch, with both revisions expected: stored whole or not at all, also across a crash. " +
		"They stand at neighbouring positions and share the transfer's ID.")
	g.last = bank.Transfer{ID: cairn.NewID(), From: g.ann.number, To: g.bob.number, Amount: 75_50}
	g.does("bank.Transfer(%s -> %s, %v)", g.last.From, g.last.To, g.last.Amount)
	if g.receipt, err = g.bank.Transfer(ctx, g.last); err != nil {
		return err
	}
	g.answer("revision %d of one and %d of the other, position %d", g.receipt.From, g.receipt.To, g.receipt.Position)
	return g.stored(ctx)
}

func (g *guide) transferAgain(ctx context.Context) error {
	g.say("An answer can get lost on its way. Whoever asks again with the same ID gets the first answer, " +
		"because the ID is the batch's idempotency key. Keys are kept for ever, so it works after a restart, too.")
	g.does("bank.Transfer(the same)")
	again, err := g.bank.Transfer(ctx, g.last)
	if err != nil {
		return err
	}
	if !again.Duplicate || again.Position != g.receipt.Position {
		return fmt.Errorf("the retry was answered with %+v", again)
	}
	g.answer("made before, at position %d", again.Position)
	return g.stored(ctx)
}

// The crowd: so many customers, so many transfers each.
const (
	customers = 16
	errands   = 8
)

func (g *guide) crowd(ctx context.Context) error {
	g.say("%d goroutines move money back and forth between the two, %d times each, at the same time. Those who "+
		"find that somebody was first read again, decide again and try again. No lock is held anywhere, and no "+
		"cent is lost.", customers, errands)
	before, err := g.together(ctx)
	if err != nil {
		return err
	}
	g.does("%d x bank.Transfer", customers*errands)
	began := time.Now()
	if err := g.moveAll(ctx); err != nil {
		return err
	}
	took := time.Since(began)
	after, err := g.together(ctx)
	if err != nil {
		return err
	}
	if before != after {
		return fmt.Errorf("both had %v together, and now have %v", before, after)
	}
	g.answer("done in %v; together they had %v before and have %v now", took.Round(time.Millisecond), before, after)
	return g.mark(ctx)
}

func (g *guide) moveAll(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range customers {
		t := bank.Transfer{From: g.ann.number, To: g.bob.number, Amount: 1_00}
		if i%2 == 1 {
			t.From, t.To = t.To, t.From
		}
		group.Go(func() error {
			for range errands {
				if _, err := g.bank.Transfer(ctx, t); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// together is what both have.
func (g *guide) together(ctx context.Context) (account.Money, error) {
	var sum account.Money
	for _, p := range []person{g.ann, g.bob} {
		a, err := g.bank.Account(ctx, p.number)
		if err != nil {
			return 0, err
		}
		sum += a.Balance
	}
	return sum, nil
}
