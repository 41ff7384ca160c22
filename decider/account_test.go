package decider_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/storetest"
)

type event interface{ account() }

type (
	opened    struct{ Owner string }
	deposited struct{ Cents int64 }
	withdrawn struct{ Cents int64 }
)

func (opened) account()    {}
func (deposited) account() {}
func (withdrawn) account() {}

func (e opened) Tags() []string { return []string{"owner:" + e.Owner} }

var events = codec.JSON(codec.Types[event]{
	"account.opened":    opened{},
	"account.deposited": deposited{},
	"account.withdrawn": withdrawn{},
})

type state struct {
	Owner string
	Cents int64
	Moves int
}

func (s state) evolve(e event) state {
	switch e := e.(type) {
	case opened:
		s.Owner = e.Owner
	case deposited:
		s.Cents += e.Cents
	case withdrawn:
		s.Cents -= e.Cents
	}
	s.Moves++
	return s
}

type decision = func(state) ([]event, error)

var errFunds = errors.New("insufficient funds")

func open(owner string) decision {
	return func(s state) ([]event, error) {
		if s.Owner != "" {
			return nil, nil
		}
		return []event{opened{owner}}, nil
	}
}

func deposit(cents int64) decision {
	return func(state) ([]event, error) { return []event{deposited{cents}}, nil }
}

func withdraw(cents int64) decision {
	return func(s state) ([]event, error) {
		if s.Cents < cents {
			return nil, errFunds
		}
		return []event{withdrawn{cents}}, nil
	}
}

type (
	accounts = decider.Decider[state, event]
	options  = decider.Options[state, event]
)

func newStore(t *testing.T) cairn.Store {
	s := storetest.NewReference()
	t.Cleanup(func() { s.Close() })
	return s
}

func over(s decider.Store) *accounts {
	return decider.New(s, events, state.evolve, &options{FirstDelay: 1, MaxDelay: 1})
}

// must does what the test takes for granted.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func fill(t *testing.T, s cairn.Store, stream string, deposits int) {
	t.Helper()
	must(over(s).Do(t.Context(), stream, func(state) (all []event, err error) {
		for range deposits {
			all = append(all, deposited{1})
		}
		return all, nil
	}))(t)
}

// A trap is a store with functions in front of its methods. Nil ones are not.
type trap struct {
	cairn.Store
	append func(next func() (cairn.Receipt, error)) (cairn.Receipt, error)
	commit func(b cairn.Batch, next func() (cairn.BatchReceipt, error)) (cairn.BatchReceipt, error)
	read   func(stream string)
	info   func(stream string)
}

func (s *trap) Append(ctx context.Context, stream string, at cairn.Revision, e ...cairn.Event) (cairn.Receipt, error) {
	next := func() (cairn.Receipt, error) { return s.Store.Append(ctx, stream, at, e...) }
	if s.append == nil {
		return next()
	}
	return s.append(next)
}

func (s *trap) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	next := func() (cairn.BatchReceipt, error) { return s.Store.Commit(ctx, b) }
	if s.commit == nil {
		return next()
	}
	return s.commit(b, next)
}

func (s *trap) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	if s.read != nil {
		s.read(stream)
	}
	return s.Store.ReadStream(ctx, stream, o)
}

func (s *trap) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	if s.info != nil {
		s.info(stream)
	}
	return s.Store.StreamInfo(ctx, stream)
}

// on runs fn when it is called for the nth time.
func on(n int, fn func()) func(string) {
	return func(string) {
		if n--; n == 0 {
			fn()
		}
	}
}

var long = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
