package tour

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

// Options say where the tour goes. All but Styled are required.
type Options struct {
	Out    io.Writer
	Styled bool // with escape sequences, for a terminal

	// Dir is where the store is, and Open opens it.
	Dir  string
	Open func(dir string) (cairn.Store, error)

	// Server is the address of the server that has the store, if there is one.
	// Open then connects to it, and Crash kills it and starts it again.
	Server string

	// Crash has another process open the store, make the transfer, and die of
	// SIGKILL as soon as it is acknowledged. It returns what the process was
	// answered.
	Crash func(ctx context.Context, t bank.Transfer) (bank.Receipt, error)
}

// Run plays the tour. A step that does not turn out as it must is an error.
func Run(ctx context.Context, o Options) (err error) {
	g := &guide{Options: o, stage: &stage{w: o.Out, styled: o.Styled}}
	if err := g.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	if err := g.meet(ctx); err != nil {
		return err
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		g.heading(step.title)
		if err := step.play(g, ctx); err != nil {
			return fmt.Errorf("tour: step %d (%s): %w", g.steps, step.title, err)
		}
	}
	g.farewell()
	return g.err
}

// A guide plays the steps.
type guide struct {
	Options
	*stage
	store cairn.Store
	bank  *bank.Bank

	// The people of this tour. Their names are new in each.
	ann, bob person
	moment   moment         // before the money began to move
	last     bank.Transfer  // the transfer of the story
	receipt  bank.Receipt   // of last
	seen     cairn.Position // the head when a step began
}

type person struct {
	name   string
	number account.Number
}

// open opens the store.
func (g *guide) open() (err error) {
	if g.store, err = g.Open(g.Dir); err != nil {
		return err
	}
	g.bank = bank.New(g.store, nil)
	return nil
}

func (g *guide) close() error {
	if g.store == nil {
		return nil
	}
	store := g.store
	g.store = nil
	return store.Close()
}

// meet says hello and finds names that nobody has.
func (g *guide) meet(ctx context.Context) error {
	info, err := g.store.Info(ctx)
	if err != nil {
		return err
	}
	g.printf("%s\n\n", g.style("1", "A bank whose accounts are event-sourced on Cairn"))
	g.say("Nothing here keeps a balance. The store keeps what has happened, as events that never change, " +
		"and balances are folded from them whenever somebody asks.")
	g.printf("\n   store: %s\n", g.Dir)
	if g.Server != "" {
		g.printf("   server: %s\n", g.Server)
	}
	if g.seen = info.Head; info.Head > 0 {
		g.say("It holds %d events from before, so this tour goes on behind them with new people.", info.Head)
	}
	return g.name(ctx)
}

func (g *guide) name(ctx context.Context) error {
	for run := 1; ; run++ {
		g.ann.name, g.bob.name = fmt.Sprintf("ann-%d", run), fmt.Sprintf("bob-%d", run)
		_, err := g.bank.Find(ctx, g.ann.name)
		if errors.Is(err, account.ErrMissing) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// mark remembers where the log ends, and stored shows what came since.
func (g *guide) mark(ctx context.Context) error {
	info, err := g.store.Info(ctx)
	g.seen = info.Head
	return err
}

func (g *guide) stored(ctx context.Context) error {
	all, err := cairn.Collect(g.store.ReadAll(ctx, cairn.AllOptions{After: g.seen}))
	if err != nil {
		return err
	}
	if len(all) == 0 {
		g.answer("The log still ends at position %d: nothing was stored.", g.seen)
		return nil
	}
	g.events(all)
	g.seen = all[len(all)-1].Position
	return nil
}

// refusal shows an error that has to be one of a kind.
func (g *guide) refusal(err, kind error) error {
	if !errors.Is(err, kind) {
		return fmt.Errorf("got %v, want the refusal %v", err, kind)
	}
	g.answer("refused: %v", err)
	return nil
}
