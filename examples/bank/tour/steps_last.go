package tour

import (
	"context"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/bank"
)

func (g *guide) crash(ctx context.Context) error {
	g.say("This program lets go of the store. Another process opens it, makes a transfer, and is killed with " +
		"SIGKILL as soon as it has the answer: nothing is closed, nothing is flushed. Then the store is opened again here.")
	t := bank.Transfer{ID: cairn.NewID(), From: g.bob.number, To: g.ann.number, Amount: 5_25}
	if err := g.close(); err != nil {
		return err
	}
	g.does("bank.Transfer(%s -> %s, %v); kill -9", t.From, t.To, t.Amount)
	promised, err := g.Crash(ctx, t)
	if err != nil {
		return err
	}
	g.answer("acknowledged at position %d; the process is dead", promised.Position)
	began := time.Now()
	if err := g.open(); err != nil {
		return err
	}
	g.answer("reopened in %v", time.Since(began).Round(10*time.Microsecond))
	return g.survived(ctx, t, promised)
}

// survived asks for the transfer again: it must be there, and be there once.
func (g *guide) survived(ctx context.Context, t bank.Transfer, promised bank.Receipt) error {
	again, err := g.bank.Transfer(ctx, t)
	if err != nil {
		return err
	}
	if !again.Duplicate || again.Position != promised.Position {
		return wrong("the transfer was acknowledged at position %d and is answered with %+v", promised.Position, again)
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

func (g *guide) farewell() {
	g.printf("\n%s\n", g.style("1", "Where it lies, and what to try next"))
	g.say("Everything is in %s. Run the tour again and it goes on behind it. The directory can be deleted.", g.Dir)
	g.printf(`
   cairn stat   --store %[1]s                    what the store holds
   cairn read   --store %[1]s account-%[2]s   %[3]s's stream
   cairn read   --store %[1]s '$all'             the log
   cairn verify --store %[1]s                    reads every byte and checks it
   bank statement --store %[1]s %[3]s
   bank torture --duration 30s                         kills it until it breaks, or not
`, g.Dir, g.ann.number, g.ann.name)
}
