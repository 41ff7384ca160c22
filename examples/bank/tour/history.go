package tour

import (
	"context"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
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
		return fmt.Errorf("the balance was %v", g.moment.balance)
	}
	return nil
}

func (g *guide) log(ctx context.Context) error {
	info, err := g.store.Info(ctx)
	if err != nil {
		return err
	}
	g.say("Every stream is part of one log, in one order without gaps: positions 1 to %d. Whoever follows it, a "+
		"read model or another service, can say where it stands with one number, and lag is a subtraction.", info.Head)
	g.does("store.ReadAll, backward, 3 events of category %q", "account")
	last, err := cairn.Collect(g.store.ReadAll(ctx, cairn.AllOptions{
		Query: cairn.ByCategory("account"), Backward: true, Limit: 3,
	}))
	if err != nil {
		return err
	}
	g.events(last)
	return nil
}
