package decider_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
)

var both = []string{"account-a", "account-b"}

// transfer moves cents from the first account to the second.
func transfer(cents int64) func([]state) ([][]event, error) {
	return func(s []state) ([][]event, error) {
		if s[0].Cents < cents {
			return nil, errFunds
		}
		return [][]event{{withdrawn{cents}}, {deposited{cents}}}, nil
	}
}

func TestTogether(t *testing.T) {
	store := newStore(t)
	fill(t, store, "account-a", 10)
	res, err := over(store).Together(t.Context(), both, transfer(4))
	if err != nil || res.States[0].Cents != 6 || res.States[1].Cents != 4 || res.Attempts != 1 || res.Duplicate ||
		!slices.Equal(res.Revisions, []cairn.Revision{10, 0}) || res.Position != 12 {
		t.Errorf("%+v, %v", res, err)
	}
	res, err = over(store).Together(t.Context(), both, transfer(7))
	if err != errFunds || res.States[0].Cents != 6 || !slices.Equal(res.Revisions, []cairn.Revision{10, 0}) || res.Position != 0 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestTogetherInvalid(t *testing.T) {
	accounts := over(newStore(t))
	if _, err := accounts.Together(t.Context(), []string{"a", "b", "a"}, transfer(0)); !errors.Is(err, cairn.ErrInvalid) {
		t.Error("a stream given twice:", err)
	}
	if _, err := accounts.Together(t.Context(), []string{"a", "b", "c"}, transfer(0)); !errors.Is(err, cairn.ErrInvalid) {
		t.Error("events for too few streams:", err)
	}
	if res, err := accounts.Together(t.Context(), nil, func([]state) ([][]event, error) { return nil, nil }); err != nil || len(res.States) != 0 {
		t.Error("no streams:", res, err)
	}
}

// A stream that was read only must not have changed either, in whatever state
// it is.
func TestTogetherGuardsWhatItOnlyRead(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, cairn.Store){
		"missing": func(*testing.T, cairn.Store) {},
		"live":    func(t *testing.T, s cairn.Store) { fill(t, s, "account-b", 3) },
		"deleted": func(t *testing.T, s cairn.Store) {
			fill(t, s, "account-b", 3)
			must(cairn.DeleteStream(t.Context(), s, "account-b", cairn.Any))(t)
		},
		"hidden": func(t *testing.T, s cairn.Store) {
			fill(t, s, "account-b", 3)
			must(cairn.Truncate(t.Context(), s, "account-b", 3))(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			prepare(t, store)
			meddle := sync.OnceFunc(func() { fill(t, store, "account-b", 2) })
			s := &trap{Store: store}
			s.commit = func(_ cairn.Batch, next func() (cairn.BatchReceipt, error)) (cairn.BatchReceipt, error) {
				meddle()
				return next()
			}
			var seen []int64
			res, err := over(s).Together(t.Context(), both, func(s []state) ([][]event, error) {
				seen = append(seen, s[1].Cents)
				return [][]event{{deposited{s[1].Cents}}, nil}, nil
			})
			if err != nil || len(seen) != 2 || seen[1] != seen[0]+2 || res.States[0].Cents != seen[1] || res.Attempts != 2 {
				t.Errorf("seen %v, got %+v, %v", seen, res, err)
			}
			if info, _ := store.StreamInfo(t.Context(), "account-b"); info.Last != res.Revisions[1] {
				t.Errorf("stands at %v, reported %v", info.Last, res.Revisions[1])
			}
		})
	}
}

// Money moves between the reads of two accounts: the sum that is seen never
// was. What is refused for that reason is decided again.
func TestTogetherRefusesOnlyWhatWas(t *testing.T) {
	store := newStore(t)
	fill(t, store, "account-a", 10)
	s := &trap{Store: store}
	s.read = func(stream string) {
		if stream == "account-b" {
			s.read = nil
			must(over(store).Together(t.Context(), []string{"account-b", "account-a"}, func([]state) ([][]event, error) {
				return [][]event{{deposited{10}}, {withdrawn{10}}}, nil
			}))(t)
		}
	}
	var sums []int64
	_, err := over(s).Together(t.Context(), both, func(s []state) ([][]event, error) {
		sums = append(sums, s[0].Cents+s[1].Cents)
		if sums[len(sums)-1] != 10 {
			return nil, errFunds
		}
		return nil, nil
	})
	if err != nil || !slices.Equal(sums, []int64{20, 10}) {
		t.Errorf("decided on %v: %v", sums, err)
	}
}

func TestConcurrentTransfersKeepTheTotal(t *testing.T) {
	store := newStore(t)
	names := []string{"account-0", "account-1", "account-2"}
	for _, n := range names {
		fill(t, store, n, 10)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				pair := []string{names[(i+j)%3], names[(i+j+1+j%2)%3]}
				if _, err := over(store).Together(t.Context(), pair, transfer(int64(j%4))); err != nil && err != errFunds {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var total int64
	for _, n := range names {
		s, _, _ := over(store).Load(t.Context(), n)
		if total += s.Cents; s.Cents < 0 {
			t.Errorf("%s is at %d", n, s.Cents)
		}
	}
	if total != 30 {
		t.Errorf("total %d", total)
	}
}

func TestTogetherRecognisesItsBatchAfterALostAnswer(t *testing.T) {
	store := newStore(t)
	fill(t, store, "account-a", 10)
	lost := true
	s := &trap{Store: store}
	s.commit = func(_ cairn.Batch, next func() (cairn.BatchReceipt, error)) (cairn.BatchReceipt, error) {
		r, err := next()
		if lost {
			lost = false
			fill(t, store, "account-b", 1)
			return cairn.BatchReceipt{}, cairn.ErrUnknownOutcome
		}
		return r, err
	}
	res, err := over(s).Together(t.Context(), both, transfer(4))
	if err != nil || !res.Duplicate || res.Attempts != 2 || !slices.Equal(res.Revisions, []cairn.Revision{10, 0}) {
		t.Errorf("%+v, %v", res, err)
	}
	if got, _, _ := over(store).Load(t.Context(), "account-b"); got.Cents != 5 {
		t.Errorf("%+v", got)
	}
}
