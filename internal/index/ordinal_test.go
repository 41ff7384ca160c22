package index

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// scattered are n positions with gaps of up to so many.
func scattered(r *rand.Rand, after cairn.Position, n, gap int) (all []Place) {
	for range n {
		after += 1 + cairn.Position(r.IntN(gap))
		all = append(all, Place{after, uint64(after)})
	}
	return all
}

func add(t *testing.T, x *Index, term Term, ps []Place) {
	t.Helper()
	b := x.NewBatch()
	b.Places(term, ps)
	last := ps[len(ps)-1]
	if err := x.Apply(b, Checkpoint{Position: last.Position, Address: last.Address}); err != nil {
		t.Fatal(err)
	}
}

// TestOrdinals compares with counting, for terms with gaps of all sizes, while
// places are added and asked for in any order.
func TestOrdinals(t *testing.T) {
	for _, gap := range []int{1, 3, 500, 5_000, 100_000} {
		t.Run(fmt.Sprint("gap ", gap), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(gap)))
			x, err := Open(vfs.NewMem(), "index", Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			term := Term{Category, "c"}
			var all []Place
			for range 6 {
				more := scattered(r, lastOf(all), 1+r.IntN(1500), gap)
				add(t, x, term, more)
				if all = append(all, more...); r.IntN(2) == 0 {
					if err := x.Flush(); err != nil {
						t.Fatal(err)
					}
				}
				for range 25 {
					compareOrdinal(t, x, term, all, r.IntN(len(all)))
				}
			}
		})
	}
}

func lastOf(all []Place) cairn.Position {
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Position
}

// compareOrdinal asks for the n-th of all places, and around it.
func compareOrdinal(t *testing.T, x *Index, term Term, all []Place, n int) {
	t.Helper()
	if p, ok, err := x.Select(t.Context(), term, int64(n)); p != all[n] || !ok || err != nil {
		t.Fatalf("place %d of %d is %v (%v, %v), want %v", n, len(all), p, ok, err, all[n])
	}
	if p, ok, err := x.Select(t.Context(), term, int64(len(all)+n)); ok || err != nil {
		t.Fatalf("place %d of %d is %v (%v)", len(all)+n, len(all), p, err)
	}
	for p, want := range map[cairn.Position]int{
		all[n].Position: n + 1, all[n].Position - 1: n, 0: 0, lastOf(all) + cairn.Position(n): len(all), 1<<64 - 1: len(all),
	} {
		if got, err := x.Rank(t.Context(), term, p); got != int64(want) || err != nil {
			t.Fatalf("%d places up to %d, want %d (%v)", got, p, want, err)
		}
	}
}

func TestOrdinalsOfNothing(t *testing.T) {
	x, err := Open(vfs.NewMem(), "index", Options{})
	if err != nil {
		t.Fatal(err)
	}
	add(t, x, Term{Type, "a"}, places(1, 2))
	if n, err := x.Rank(t.Context(), Term{Type, "b"}, 5); n != 0 || err != nil {
		t.Errorf("%d places of nothing (%v)", n, err)
	}
	if p, ok, err := x.Select(t.Context(), Term{Type, "b"}, 0); ok || err != nil {
		t.Errorf("the first place of nothing is %v (%v)", p, err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("cause")
	cancel(cause)
	if _, err := x.Rank(ctx, Term{Type, "a"}, 5); err != cause {
		t.Errorf("counting under an ended context: %v", err)
	}
	x.Close()
	if _, err := x.Rank(t.Context(), Term{Type, "a"}, 5); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("counting in a closed index: %v", err)
	}
}

// TestAPanicHoldsNobodyUp: the index can be closed by who is on the way out.
func TestAPanicHoldsNobodyUp(t *testing.T) {
	x, err := Open(vfs.NewMem(), "index", Options{})
	if err != nil {
		t.Fatal(err)
	}
	add(t, x, Term{Type, "a"}, places(1, 2))
	defer func() {
		if recover() == nil {
			t.Error("the panic is gone")
		}
		if !x.readers.gate.TryLock() {
			t.Fatal("the index is still in use")
		}
		x.readers.gate.Unlock()
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}()
	_ = x.climb(t.Context(), Term{Type, "a"}, func(rung) bool { return true }, func(*blocks, int64) bool { panic("on the way") })
}

// TestLadders: what was counted once is not counted again.
func TestLadders(t *testing.T) {
	x, err := Open(vfs.NewMem(), "index", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	const n = 3 * firstStride * maxRungs // blocks, of one place each
	term, all := Term{First, ""}, make([]Place, n)
	for i := range all {
		all[i] = Place{cairn.Position(i)<<12 + 7, uint64(i)}
	}
	add(t, x, term, all)
	l := x.ladders.of(term)
	for _, i := range []int{n - 1, 0, n / 2, 12345 % n} {
		compareOrdinal(t, x, term, all, i)
		if len(l.rungs) == 0 || len(l.rungs) > maxRungs || l.stride != 4*firstStride {
			t.Fatalf("%d rungs, %d blocks apart", len(l.rungs), l.stride)
		}
		start, _ := l.from(func(r rung) bool { return r.before <= int64(i) })
		if visited := i - int(start.before); visited > 2*l.stride {
			t.Errorf("place %d is %d blocks above the nearest rung", i, visited)
		}
	}
	for i := range 3 * maxLadders {
		x.ladders.of(Term{Type, fmt.Sprint(i)})
	}
	if n := len(x.ladders.young) + len(x.ladders.older); n > 2*maxLadders {
		t.Errorf("%d ladders are kept", n)
	}
	if x.ladders.of(term) == l {
		t.Error("a ladder that was not used for long is still there")
	}
}
