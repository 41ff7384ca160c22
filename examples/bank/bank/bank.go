package bank

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/decider/snapshot"
	"github.com/cairndb/cairn/examples/bank/account"
)

// A Bank keeps its accounts in a store. It holds nothing but a cache, so all
// methods may be called concurrently, also of several banks on one store.
type Bank struct {
	store    cairn.Store
	accounts *decider.Decider[account.State, account.Event]
}

// Options are the settings of a Bank.
type Options struct {
	// Snapshots spare folding long accounts from their beginning. Nil keeps
	// some in memory.
	Snapshots snapshot.Store
}

const (
	memoryForSnapshots = 8 << 20
	eventsPerSnapshot  = 50
)

// New makes a bank of the accounts in a store. The options may be nil.
func New(store cairn.Store, o *Options) *Bank {
	kept := snapshot.Store(snapshot.NewMemory(memoryForSnapshots))
	if o != nil && o.Snapshots != nil {
		kept = o.Snapshots
	}
	return &Bank{
		store: store,
		accounts: decider.New(store, account.Events, account.State.Evolve, &decider.Options[account.State, account.Event]{
			Snapshots: &decider.Snapshots[account.State]{Store: kept, Every: eventsPerSnapshot},
		}),
	}
}

// An Account is one as it stands at a revision of its stream.
type Account struct {
	Number account.Number `json:"number"`
	account.State
	Revision cairn.Revision `json:"revision"`
	// Position is that of the events just recorded, if any were.
	Position cairn.Position `json:"position,omitempty"`
}

// Open opens an account under a name that no other open account has. If one has
// it, the error is a [*NameTakenError].
//
// No stream is about a name, so no expected revision can keep it unique. The
// decision is made over all events about the name, whatever account they belong
// to, and stored if there is no further one by then. The number is drawn, and
// drawn again should an account have it.
func (b *Bank) Open(ctx context.Context, name string) (Account, error) {
	if _, err := account.Open(name)(account.State{}); err != nil {
		return Account{}, err
	}
	for {
		number := account.NumberOf(rand.Uint64())
		unused := cairn.StreamAt(number.Stream(), cairn.NoStream)
		res, err := b.accounts.Requiring(unused).Boundary(ctx, aboutName(name), number.Stream(), openAs(name))
		switch {
		case errors.Is(err, errTaken):
			return Account{}, b.nameTaken(ctx, name)
		case errors.Is(err, cairn.ErrConflict) && !errors.Is(err, decider.ErrGaveUp):
			continue // the number is in use
		case err != nil:
			return Account{}, err
		}
		opened := account.State{}.Evolve(account.Opened{Name: name})
		return Account{Number: number, State: opened, Revision: res.Revision, Position: res.Position}, nil
	}
}

// Deposit pays cash into an account.
func (b *Bank) Deposit(ctx context.Context, n account.Number, amount account.Money) (Account, error) {
	return b.Do(ctx, n, account.Deposit(amount))
}

// Withdraw pays cash out of an account.
func (b *Bank) Withdraw(ctx context.Context, n account.Number, amount account.Money) (Account, error) {
	return b.Do(ctx, n, account.Withdraw(amount))
}

// Close closes an empty account. Its name is free again.
func (b *Bank) Close(ctx context.Context, n account.Number) (Account, error) {
	return b.Do(ctx, n, account.Close())
}

// Do asks one account for a decision and records what follows from it. If the
// account refuses, the error is a [*RefusedError].
func (b *Bank) Do(ctx context.Context, n account.Number, decide account.Decision) (Account, error) {
	res, err := b.accounts.Do(ctx, n.Stream(), asked(n, decide))
	if err != nil {
		return Account{}, err
	}
	return Account{Number: n, State: res.State, Revision: res.Revision, Position: res.Position}, nil
}

// Account folds an account as it stands now.
func (b *Bank) Account(ctx context.Context, n account.Number) (Account, error) {
	state, at, err := b.accounts.Load(ctx, n.Stream())
	return found(n, state, at, err)
}

// At folds an account up to and including a revision.
func (b *Bank) At(ctx context.Context, n account.Number, r cairn.Revision) (Account, error) {
	state, at, err := b.accounts.StateAt(ctx, n.Stream(), r)
	return found(n, state, at, err)
}

// AsOf folds an account up to and including a moment.
func (b *Bank) AsOf(ctx context.Context, n account.Number, t time.Time) (Account, error) {
	state, at, err := b.accounts.StateAsOf(ctx, n.Stream(), t)
	return found(n, state, at, err)
}

// found is the account, if there was one at that time.
func found(n account.Number, s account.State, at cairn.Revision, err error) (Account, error) {
	if err == nil && s.Status == account.Missing {
		err = missing(n)
	}
	if err != nil {
		return Account{}, err
	}
	return Account{Number: n, State: s, Revision: at}, nil
}
