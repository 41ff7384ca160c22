package tour

import (
	"context"

	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

func (g *guide) openAccounts(ctx context.Context) error {
	g.say("An account is a stream, named by its number. Opening it appends the stream's first event, on " +
		"condition that the stream has none.")
	for _, p := range []*person{&g.ann, &g.bob} {
		g.does("bank.Open(%q)", p.name)
		a, err := g.bank.Open(ctx, p.name)
		if err != nil {
			return err
		}
		p.number = a.Number
		g.answer("account %s", a.Number)
	}
	return g.stored(ctx)
}

func (g *guide) sameName(ctx context.Context) error {
	g.say("No stream is about a name, so no revision can keep names unique. The event carries the tag "+
		"%q, and opening an account has the condition that no event with that tag was stored since it was "+
		"looked up: a dynamic consistency boundary.", account.NameTag(g.ann.name))
	g.does("bank.Open(%q)", g.ann.name)
	_, err := g.bank.Open(ctx, g.ann.name)
	if err := g.refusal(err, bank.ErrNameTaken); err != nil {
		return err
	}
	return g.stored(ctx)
}

func (g *guide) payIn(ctx context.Context) error {
	g.say("The events of the account are folded to its state, the state decides, and what it decides is " +
		"appended if the stream still stands where it was read. Then it is on disk: the answer comes after the sync.")
	for _, d := range []struct {
		person person
		amount account.Money
	}{{g.ann, 250_00}, {g.bob, 40_00}} {
		g.does("bank.Deposit(%s, %v)", d.person.number, d.amount)
		a, err := g.bank.Deposit(ctx, d.person.number, d.amount)
		if err != nil {
			return err
		}
		g.answer("%s has %v, revision %d", d.person.name, a.Balance, a.Revision)
	}
	return g.stored(ctx)
}

func (g *guide) overdraw(ctx context.Context) error {
	g.say("A refusal is an answer and not an event. The log holds facts only.")
	g.does("bank.Withdraw(%s, %v)", g.bob.number, account.Money(40_01))
	_, err := g.bank.Withdraw(ctx, g.bob.number, 40_01)
	if err := g.refusal(err, account.ErrInsufficient); err != nil {
		return err
	}
	return g.stored(ctx)
}

func (g *guide) closeAccount(ctx context.Context) error {
	g.say("%s leaves. The account must be empty first. Its number and its history stay for ever, and its name "+
		"is free again: the last event with the tag says so.", g.bob.name)
	b, err := g.bank.Account(ctx, g.bob.number)
	if err != nil {
		return err
	}
	g.does("bank.Withdraw(%s, %v); bank.Close(%s)", g.bob.number, b.Balance, g.bob.number)
	if _, err := g.bank.Withdraw(ctx, g.bob.number, b.Balance); err != nil {
		return err
	}
	if _, err := g.bank.Close(ctx, g.bob.number); err != nil {
		return err
	}
	g.does("bank.Open(%q)", g.bob.name)
	a, err := g.bank.Open(ctx, g.bob.name)
	if err != nil {
		return err
	}
	g.answer("account %s", a.Number)
	return g.stored(ctx)
}
