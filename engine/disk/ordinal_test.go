package disk_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// ordinalQueries are those that the index counts by itself, and others.
func ordinalQueries(rng *rand.Rand) []cairn.Query {
	return []cairn.Query{
		nil, cairn.ByType("paid"), cairn.ByCategory("order"), cairn.ByTag("t:1"), cairn.ByType("none"),
		{{First: true}}, {{First: true, Categories: []string{"order"}}},
		{{First: true, Prefixes: []string{"order-"}}}, {{First: true, Prefixes: []string{"o"}}},
		{{First: true, Streams: []string{"order-1", "solo", "none"}}}, {{First: true, Types: []string{"placed"}}},
		{{Streams: []string{"order-2", "user-1"}}},
		someQuery(rng), someQuery(rng), someQuery(rng), someQuery(rng),
	}
}

// TestOrdinalsMatchCounting compares Count, Nth and filtered reads in both
// directions with what Query.Match says about each event, while the store grows,
// its memory is taken into the index all the time, and it is opened again.
func TestOrdinalsMatchCounting(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			rng, dir := rand.New(rand.NewPCG(seed, 7)), t.TempDir()
			options := small(nil).Hurry(1+rng.IntN(60), 1+rng.IntN(100))
			for range 4 {
				s := open(t, dir, options)
				for range 3 {
					for range 40 {
						if err := writeSomething(t.Context(), s, rng); err != nil {
							t.Fatal(err)
						}
					}
					compareOrdinals(t, s, rng)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := disk.Verify(t.Context(), dir, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func compareOrdinals(t *testing.T, s cairn.Store, rng *rand.Rand) {
	t.Helper()
	log, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range ordinalQueries(rng) {
		compareQuery(t, s, q, log, cairn.Position(rng.IntN(len(log)+5)))
	}
}

// compareQuery looks at position p, at the head, and around a match.
func compareQuery(t *testing.T, s cairn.Store, q cairn.Query, log []cairn.Recorded, p cairn.Position) {
	t.Helper()
	var all []cairn.Position
	upTo := int64(0)
	for i := range log {
		if !q.Match(&log[i]) {
			continue
		}
		if all = append(all, log[i].Position); log[i].Position <= p {
			upTo++
		}
	}
	for at, want := range map[cairn.Position]int64{0: 0, 1<<64 - 1: int64(len(all))} {
		if n, err := cairn.Count(t.Context(), s, q, at); n != want || err != nil {
			t.Fatalf("%+v: %d up to %d, want %d (%v)", q, n, at, want, err)
		}
	}
	n, err := cairn.Count(t.Context(), s, q, p)
	if n != upTo || err != nil {
		t.Fatalf("%+v: %d up to %d, want %d (%v)", q, n, p, upTo, err)
	}
	for _, i := range []int64{n - 1, n, n + 1, int64(len(all)) - 1, int64(len(all))} {
		want := cairn.Position(0)
		if i < 0 {
			continue
		}
		if i < int64(len(all)) {
			want = all[i]
		}
		if at, err := cairn.Nth(t.Context(), s, q, i); at != want || err != nil {
			t.Fatalf("%+v: match %d of %d is at %d, want %d (%v)", q, i, len(all), at, want, err)
		}
	}
	compareReads(t, s, q, all, p)
}

// compareReads reads backward from p and forward from behind it.
func compareReads(t *testing.T, s cairn.Store, q cairn.Query, all []cairn.Position, p cairn.Position) {
	t.Helper()
	below, above := 0, 0
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{Query: q, Before: p + 1, Backward: true}) {
		if below++; err != nil || e.Position > p {
			t.Fatalf("%+v: backward from %d: position %d (%v)", q, p, e.Position, err)
		}
	}
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{Query: q, After: p}) {
		if above++; err != nil || e.Position <= p {
			t.Fatalf("%+v: from %d: position %d (%v)", q, p, e.Position, err)
		}
	}
	if below+above != len(all) {
		t.Fatalf("%+v: %d up to %d and %d behind, want %d", q, below, p, above, len(all))
	}
}

func TestOrdinalsFail(t *testing.T) {
	s, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(ctx context.Context, q cairn.Query, n int64) error {
		_, counted := s.Count(ctx, q, 1)
		_, found := s.Nth(ctx, q, n)
		if (counted == nil) != (found == nil) {
			t.Errorf("%+v: Count says %v, Nth %v", q, counted, found)
		}
		return found
	}
	if err := ask(t.Context(), cairn.Query{}, 0); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("a query without filters: %v", err)
	}
	if _, err := s.Nth(t.Context(), nil, -1); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("ordinal -1: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("cause")
	cancel(cause)
	if err := ask(ctx, cairn.ByType("a"), 0); err != cause {
		t.Errorf("the context has ended: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ask(t.Context(), cairn.ByType("a"), 0); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("the store is closed: %v", err)
	}
}
