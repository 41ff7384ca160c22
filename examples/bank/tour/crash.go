package tour

import (
	"context"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/bank"
)

func (g *guide) crash(ctx context.Context) error {
	if g.Server != "" {
		return g.crashServer(ctx)
	}
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

// crashServer lets the server die under its clients.
func (g *guide) crashServer(ctx context.Context) error {
	g.say("The server is killed with SIGKILL as soon as it has acknowledged a transfer: nothing is closed, nothing is " +
		"flushed. It is started again, and this program, whose connection is gone, finds it by itself.")
	t := bank.Transfer{ID: cairn.NewID(), From: g.bob.number, To: g.ann.number, Amount: 5_25}
	g.does("bank.Transfer(%s -> %s, %v); kill -9", t.From, t.To, t.Amount)
	promised, err := g.Crash(ctx, t)
	if err != nil {
		return err
	}
	g.answer("acknowledged at position %d; the server was dead and is back", promised.Position)
	return g.survived(ctx, t, promised)
}

// survived asks for the transfer again: it must be there, and be there once.
func (g *guide) survived(ctx context.Context, t bank.Transfer, promised bank.Receipt) error {
	again, err := g.bank.Transfer(ctx, t)
	if err != nil {
		return err
	}
	if !again.Duplicate || again.Position != promised.Position {
		return fmt.Errorf("the transfer was acknowledged at position %d and is answered with %+v", promised.Position, again)
	}
	return g.stored(ctx)
}
