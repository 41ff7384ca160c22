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

// The crowd: so many customers, so many transfers each.
const (
	customers = 16
	errands   = 8
)

// A moment is one to look back at.
type moment struct {
	time     time.Time
	revision cairn.Revision // of ann's account
	balance  account.Money
}

// now is this moment, with what ann has.
func (g *guide) now(ctx context.Context) (moment, error) {
	a, err := g.bank.Account(ctx, g.ann.number)
	return moment{time.Now(), a.Revision, a.Balance}, err
}

func wrong(format string, args ...any) error { return fmt.Errorf(format, args...) }

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
		return wrong("both had %v together, and now have %v", before, after)
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

func (g *guide) statement(ctx context.Context) error {
	g.say("A statement is not a table that somebody keeps up to date. It is the stream, read from the " +
		"beginning, with a running sum.")
	g.does("bank.Statement(%s)", g.ann.number)
	lines, err := cairn.Collect(g.bank.Statement(ctx, g.ann.number))
	if err != nil {
		return err
	}
	const shown = 4
	for i, l := range lines {
		switch {
		case i < shown || i >= len(lines)-2:
			g.printf("     %4d  %-26s %10v %12v\n", l.Revision, l.Type, l.Amount, l.Balance)
		case i == shown:
			g.printf("     %4s  %d more\n", "...", len(lines)-shown-2)
		}
	}
	return nil
}

func (g *guide) past(ctx context.Context) error {
	g.say("Nothing was overwritten, so every past balance is still there: fold up to that revision, or up "+
		"to that time. Here is %s before the first transfer.", g.ann.name)
	g.does("bank.At(%s, revision %d)", g.ann.number, g.moment.revision)
	at, err := g.bank.At(ctx, g.ann.number, g.moment.revision)
	if err != nil {
		return err
	}
	g.answer("%v", at.Balance)
	g.does("bank.AsOf(%s, %s)", g.ann.number, g.moment.time.Format(time.RFC3339Nano))
	asOf, err := g.bank.AsOf(ctx, g.ann.number, g.moment.time)
	if err != nil {
		return err
	}
	g.answer("%v", asOf.Balance)
	if at.Balance != g.moment.balance || asOf.Balance != g.moment.balance {
		return wrong("the balance was %v", g.moment.balance)
	}
	return nil
}
