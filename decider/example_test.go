package decider_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/decider/snapshot"
	"github.com/cairndb/cairn/storetest"
)

// The domain: events, a state, and what leads to what.

type Event interface{ purse() }

type (
	Paid  struct{ Cents int64 }
	Spent struct{ Cents int64 }
)

func (Paid) purse()  {}
func (Spent) purse() {}

var Events = codec.JSON(codec.Types[Event]{"purse.paid": Paid{}, "purse.spent": Spent{}})

type Purse struct{ Cents int64 }

func (p Purse) Evolve(e Event) Purse {
	switch e := e.(type) {
	case Paid:
		p.Cents += e.Cents
	case Spent:
		p.Cents -= e.Cents
	}
	return p
}

var ErrEmpty = errors.New("not enough in it")

// A command may be a function that returns a decision...
func Pay(cents int64) func(Purse) ([]Event, error) {
	return func(Purse) ([]Event, error) { return []Event{Paid{cents}}, nil }
}

// ...or a type with a method that is one.
type Spend struct{ Amount int64 }

func (c Spend) Decide(p Purse) ([]Event, error) {
	if p.Cents < c.Amount {
		return nil, ErrEmpty
	}
	return []Event{Spent{c.Amount}}, nil
}

func Example() {
	ctx := context.Background()
	store := storetest.NewReference() // a program opens a disk.Store
	defer store.Close()

	purses := decider.New(store, Events, Purse.Evolve, nil)
	if _, err := purses.Do(ctx, "purse-ann", Pay(500)); err != nil {
		log.Fatal(err)
	}
	res, err := purses.Do(ctx, "purse-ann", Spend{120}.Decide)
	fmt.Println(res.State.Cents, res.Revision, err)

	res, err = purses.Do(ctx, "purse-ann", Spend{999}.Decide)
	fmt.Println(res.State.Cents, res.Revision, err)
	// Output:
	// 380 1 <nil>
	// 380 1 not enough in it
}

func ExampleDecider_Together() {
	ctx := context.Background()
	store := storetest.NewReference()
	defer store.Close()
	purses := decider.New(store, Events, Purse.Evolve, nil)
	purses.Do(ctx, "purse-ann", Pay(500))

	give := func(cents int64) func([]Purse) ([][]Event, error) {
		return func(p []Purse) ([][]Event, error) {
			from, err := Spend{cents}.Decide(p[0])
			if err != nil {
				return nil, err
			}
			return [][]Event{from, {Paid{cents}}}, nil
		}
	}
	res, err := purses.Together(ctx, []string{"purse-ann", "purse-bob"}, give(200))
	fmt.Println(res.States, res.Revisions, err)
	// Output:
	// [{300} {200}] [1 0] <nil>
}

func ExampleDecider_Once() {
	ctx := context.Background()
	store := storetest.NewReference()
	defer store.Close()
	purses := decider.New(store, Events, Purse.Evolve, nil)

	for range 2 { // the client was not sure that it had arrived
		res, err := purses.Once("payment-77").Do(ctx, "purse-ann", Pay(500))
		fmt.Println(res.State.Cents, res.Duplicate, err)
	}
	// Output:
	// 500 false <nil>
	// 500 true <nil>
}

func ExampleDecider_Requiring() {
	ctx := context.Background()
	store := storetest.NewReference()
	defer store.Close()
	purses := decider.New(store, Events, Purse.Evolve, &decider.Options[Purse, Event]{
		Tags: func(stream string, e Event) []string { return []string{"colour:red"} },
	})
	only := purses.Requiring(cairn.NoneAfter(0, cairn.ByTag("colour:red")))

	_, err := only.Do(ctx, "purse-ann", Pay(500))
	fmt.Println(err)
	_, err = only.Do(ctx, "purse-bob", Pay(500))
	conflict, _ := errors.AsType[*cairn.ConflictError](err)
	fmt.Println(errors.Is(err, cairn.ErrConflict), conflict.Events[0].Stream)
	// Output:
	// <nil>
	// true purse-ann
}

func ExampleDecider_Boundary() {
	ctx := context.Background()
	store := storetest.NewReference()
	defer store.Close()
	purses := decider.New(store, Events, Purse.Evolve, nil)
	purses.Do(ctx, "purse-ann", Pay(500))
	purses.Do(ctx, "purse-bob", Pay(300))

	// All purses together may hold 1000.
	fill := func(cents int64) func(Purse) ([]Event, error) {
		return func(all Purse) ([]Event, error) {
			if all.Cents+cents > 1000 {
				return nil, errors.New("too much money about")
			}
			return []Event{Paid{cents}}, nil
		}
	}
	every := cairn.ByCategory("purse")
	res, err := purses.Boundary(ctx, every, "purse-cat", fill(200))
	fmt.Println(res.State.Cents, err)
	res, err = purses.Boundary(ctx, every, "purse-dan", fill(1))
	fmt.Println(res.State.Cents, err)
	// Output:
	// 1000 <nil>
	// 1000 too much money about
}

func ExampleDecider_StateAt() {
	ctx := context.Background()
	store := storetest.NewReference()
	defer store.Close()
	purses := decider.New(store, Events, Purse.Evolve, nil)
	purses.Do(ctx, "purse-ann", Pay(500))
	purses.Do(ctx, "purse-ann", Spend{120}.Decide)

	before, at, err := purses.StateAt(ctx, "purse-ann", 0)
	fmt.Println(before.Cents, at, err)
	// Output:
	// 500 0 <nil>
}

func ExampleSnapshots() {
	store := storetest.NewReference()
	defer store.Close()
	purses := decider.New(store, Events, Purse.Evolve, &decider.Options[Purse, Event]{
		Snapshots: &decider.Snapshots[Purse]{
			Store: snapshot.NewMemory(64 << 20),
			Every: 500, // events
		},
	})
	res, err := purses.Do(context.Background(), "purse-ann", Pay(500))
	fmt.Println(res.State.Cents, err)
	// Output:
	// 500 <nil>
}
