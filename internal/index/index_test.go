package index

import (
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

var someStore = cairn.ID{1, 2, 3}

func openTest(t testing.TB, fs vfs.FS) *Index {
	t.Helper()
	x, err := Open(fs, "index", Options{Store: someStore, Logger: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func memory() vfs.FS { return vfs.NewMem() }

func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func apply(t testing.TB, x *Index, b *Batch, c Checkpoint) {
	t.Helper()
	if err := x.Apply(b, c); err != nil {
		t.Fatal(err)
	}
}

// places makes places at positions, with addresses that depend on them.
func places(at ...cairn.Position) []Place {
	ps := make([]Place, len(at))
	for i, p := range at {
		ps[i] = Place{p, uint64(p) * 100}
	}
	return ps
}

func positions(c *Cursor) (at []cairn.Position) {
	defer c.Close()
	for p, ok := c.Next(); ok; p, ok = c.Next() {
		at = append(at, p.Position)
	}
	return at
}

func TestCursorBothWays(t *testing.T) {
	x := openTest(t, vfs.NewMem())
	want := []cairn.Position{1, 5, 4095, 4096, 10000, 20000}
	paid := Term{Type, "order.paid"}
	b := x.NewBatch()
	b.Places(paid, places(want...))
	b.Places(Term{Type, "order.pai"}, places(2))
	b.Places(Term{Type, "order.paid."}, places(3))
	apply(t, x, b, Checkpoint{Position: 20000})

	if got := positions(x.Cursor(paid, false)); !slices.Equal(got, want) {
		t.Errorf("forward: %v, want %v", got, want)
	}
	slices.Reverse(want)
	if got := positions(x.Cursor(paid, true)); !slices.Equal(got, want) {
		t.Errorf("backward: %v, want %v", got, want)
	}
	if got := positions(x.Cursor(Term{Type, "order"}, false)); got != nil {
		t.Errorf("a term without places has %v", got)
	}
}

func TestClosed(t *testing.T) {
	x := openTest(t, vfs.NewMem())
	b := x.NewBatch()
	b.Revisions("a", 0, places(1, 2))
	apply(t, x, b, Checkpoint{Position: 2})
	c := x.Cursor(Term{Stream, "a"}, false)
	c.Next()
	if err := errors.Join(x.Close(), x.Close()); err != nil {
		t.Fatal(err)
	}
	if c.Seek(1); !errors.Is(c.Err(), cairn.ErrClosed) {
		t.Errorf("cursor: %v", c.Err())
	}
	if _, _, _, err := x.Last("a"); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("last: %v", err)
	}
	if err := x.Flush(); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("flush: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
