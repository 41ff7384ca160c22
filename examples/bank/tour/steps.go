package tour

import (
	"context"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

// A step is one scene of the story.
type step struct {
	title string
	play  func(*guide, context.Context) error
}

var steps = []step{
	{"Open two accounts", (*guide).openAccounts},
	{"The same name again", (*guide).sameName},
	{"Pay in", (*guide).payIn},
	{"Withdraw more than there is", (*guide).overdraw},
	{"Transfer: two accounts, one batch", (*guide).transfer},
	{"The same transfer again", (*guide).transferAgain},
	{"Sixteen customers at once", (*guide).crowd},
	{"The statement is the events", (*guide).statement},
	{"The balance as of a past moment", (*guide).past},
	{"Pull the plug", (*guide).crash},
	{"Close the account, free the name", (*guide).closeAccount},
	{"One log under all of it", (*guide).log},
}

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
		return wrong("the retry was answered with %+v", again)
	}
	g.answer("made before, at position %d", again.Position)
	return g.stored(ctx)
}
