package decider_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/decider"
)

func TestDo(t *testing.T) {
	store := newStore(t)
	accounts := over(store)
	for _, c := range []struct {
		decide   decision
		want     state
		revision cairn.Revision
		position cairn.Position
		attempts int
		err      error
	}{
		{withdraw(1), state{}, -1, 0, 0, errFunds},
		{open("Ann"), state{"Ann", 0, 1}, 0, 1, 1, nil},
		{open("Ann"), state{"Ann", 0, 1}, 0, 0, 0, nil},
		{deposit(70), state{"Ann", 70, 2}, 1, 2, 1, nil},
		{withdraw(71), state{"Ann", 70, 2}, 1, 0, 0, errFunds},
		{withdraw(30), state{"Ann", 40, 3}, 2, 3, 1, nil},
	} {
		got, err := accounts.Do(t.Context(), "account-1", c.decide)
		want := decider.Result[state]{State: c.want, Attempts: c.attempts}
		want.Revision, want.Position = c.revision, c.position
		if got != want || err != c.err {
			t.Errorf("got %+v, %v; want %+v, %v", got, err, want, c.err)
		}
	}
	if s, at, err := accounts.Load(t.Context(), "account-1"); s != (state{"Ann", 40, 3}) || at != 2 || err != nil {
		t.Errorf("load: %v %v %v", s, at, err)
	}
}

func TestDoStoresIDsAndTags(t *testing.T) {
	store := newStore(t)
	accounts := decider.New(store, events, state.evolve, &options{
		Tags: func(stream string, e event) []string { return []string{"stream:" + stream} },
	})
	must(accounts.Do(t.Context(), "account-1", open("Ann")))(t)
	r := must(cairn.Collect(store.ReadStream(t.Context(), "account-1", cairn.ReadOptions{})))(t)[0]
	if r.ID.IsZero() || len(r.Metadata) != 0 || !slices.Equal(r.Tags, []string{"owner:Ann", "stream:account-1"}) {
		t.Errorf("%+v", r)
	}
}

func TestDoBeginsAgainOnConflict(t *testing.T) {
	store := newStore(t)
	fill(t, store, "account-1", 10)
	other := func() { must(over(store).Do(t.Context(), "account-1", withdraw(8)))(t) }
	accounts := over(&trap{Store: store, append: once(other)})

	var seen []int64
	_, err := accounts.Do(t.Context(), "account-1", func(s state) ([]event, error) {
		seen = append(seen, s.Cents)
		return withdraw(5)(s)
	})
	if err != errFunds || !slices.Equal(seen, []int64{10, 2}) {
		t.Errorf("decided on %v: %v", seen, err)
	}
}

// once runs fn before the first append.
func once(fn func()) func(func() (cairn.Receipt, error)) (cairn.Receipt, error) {
	do := sync.OnceFunc(fn)
	return func(next func() (cairn.Receipt, error)) (cairn.Receipt, error) {
		do()
		return next()
	}
}

func TestConcurrentDecisionsLoseNoUpdate(t *testing.T) {
	store := newStore(t)
	accounts := decider.New(store, events, state.evolve, nil)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 10 {
				if _, err := accounts.Do(t.Context(), "account-1", deposit(1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if s, at, _ := accounts.Load(t.Context(), "account-1"); s.Cents != 160 || at != 159 {
		t.Errorf("%+v at %v", s, at)
	}
}

func TestErrorsThatAreNotTriedAgain(t *testing.T) {
	store := newStore(t)
	must(cairn.TombstoneStream(t.Context(), store, "account-gone", cairn.Any))(t)
	must(store.Append(t.Context(), "account-odd", cairn.NoStream, cairn.Event{Type: "account.odd"}))(t)
	for stream, want := range map[string]error{
		"account-gone": cairn.ErrStreamDeleted,
		"account-odd":  codec.ErrUnknownType,
		"":             cairn.ErrInvalid,
	} {
		res, err := over(store).Do(t.Context(), stream, deposit(1))
		if !errors.Is(err, want) || res != (decider.Result[state]{}) || !strings.Contains(err.Error(), stream) {
			t.Errorf("%q: %+v, %v", stream, res, err)
		}
	}
}

func TestTombstoneBetweenReadAndAppend(t *testing.T) {
	store := newStore(t)
	fill(t, store, "account-1", 1)
	accounts := over(&trap{Store: store, append: once(func() {
		must(cairn.TombstoneStream(t.Context(), store, "account-1", cairn.Any))(t)
	})})
	res, err := accounts.Do(t.Context(), "account-1", deposit(1))
	if !errors.Is(err, cairn.ErrStreamDeleted) || res.Attempts != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}

type stranger struct{}

func (stranger) account() {}

// A lossy event is encoded as something that cannot be decoded.
type lossy struct{ Cents int64 }

func (lossy) account()                     {}
func (lossy) MarshalJSON() ([]byte, error) { return []byte(`{"Cents":"many"}`), nil }

func TestWhatCannotBeReadBackIsNotStored(t *testing.T) {
	store := newStore(t)
	c := codec.JSON(codec.Types[event]{"account.lossy": lossy{}})
	accounts := decider.New(store, c, state.evolve, nil)
	for e, want := range map[event]error{stranger{}: codec.ErrUnknownType, lossy{7}: codec.ErrUndecodable} {
		_, err := accounts.Do(t.Context(), "account-1", func(state) ([]event, error) { return []event{e}, nil })
		if !errors.Is(err, want) {
			t.Errorf("%T: %v", e, err)
		}
	}
	if info, _ := store.Info(t.Context()); info.Head != 0 {
		t.Errorf("stored %d events", info.Head)
	}
}

// A state may hold a map that evolve changes in place.
func TestInitialStateIsMadeForEachFold(t *testing.T) {
	store := newStore(t)
	d := decider.New(store, events, func(s map[string]int, e event) map[string]int {
		s[reflect.TypeOf(e).Name()]++
		return s
	}, &decider.Options[map[string]int, event]{Initial: func() map[string]int { return map[string]int{} }})
	for range 2 {
		must(d.Do(t.Context(), "account-1", func(map[string]int) ([]event, error) { return []event{deposited{1}}, nil }))(t)
	}
	if s, _, _ := d.Load(t.Context(), "account-1"); s["deposited"] != 2 {
		t.Errorf("%v", s)
	}
}

func TestNewPanicsOnMistakes(t *testing.T) {
	store := newStore(t)
	for name, fn := range map[string]func(){
		"no store":  func() { decider.New(nil, events, state.evolve, nil) },
		"no codec":  func() { decider.New(store, nil, state.evolve, nil) },
		"no evolve": func() { decider.New[state](store, events, nil, nil) },
		"negative":  func() { decider.New(store, events, state.evolve, &options{MaxAttempts: -1}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			fn()
		}()
	}
}
