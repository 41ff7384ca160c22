package cairn_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// unranked hides what a store offers beyond reading.
type unranked struct{ cairn.LogReader }

// logOf is a store with events of alternating types: a, b, a, b and so on.
func logOf(t *testing.T, n int) cairn.Store {
	t.Helper()
	s, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for i := range n {
		e := cairn.Event{Type: string(rune('a' + i%2))}
		if _, err := s.Append(t.Context(), fmt.Sprintf("s-%d", i), cairn.NoStream, e); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestOrdinalsByReading(t *testing.T) {
	store := unranked{logOf(t, 7)}
	for name, tc := range map[string]struct {
		query     cairn.Query
		positions []cairn.Position
	}{
		"all":     {nil, []cairn.Position{1, 2, 3, 4, 5, 6, 7}},
		"type a":  {cairn.ByType("a"), []cairn.Position{1, 3, 5, 7}},
		"type b":  {cairn.ByType("b"), []cairn.Position{2, 4, 6}},
		"nothing": {cairn.ByType("c"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			for n := range 9 {
				want := cairn.Position(0)
				if n < len(tc.positions) {
					want = tc.positions[n]
				}
				if got, err := cairn.Nth(t.Context(), store, tc.query, int64(n)); got != want || err != nil {
					t.Errorf("match %d is at %d, want %d (%v)", n, got, want, err)
				}
			}
			for _, p := range []cairn.Position{0, 1, 2, 3, 6, 7, 8, 1<<64 - 1} {
				want := int64(0)
				for _, at := range tc.positions {
					if at <= p {
						want++
					}
				}
				if got, err := cairn.Count(t.Context(), store, tc.query, p); got != want || err != nil {
					t.Errorf("%d matches up to %d, want %d (%v)", got, p, want, err)
				}
			}
		})
	}
}

func TestOrdinalsRefuseBadArguments(t *testing.T) {
	store := unranked{logOf(t, 1)}
	if _, err := cairn.Nth(t.Context(), store, nil, -1); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("ordinal -1: %v", err)
	}
	for _, p := range []cairn.Position{0, 1} {
		if _, err := cairn.Count(t.Context(), store, cairn.Query{}, p); !errors.Is(err, cairn.ErrInvalid) {
			t.Errorf("a query without filters, up to %d: %v", p, err)
		}
	}
	if _, err := cairn.Nth(t.Context(), store, cairn.Query{}, 0); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("a query without filters: %v", err)
	}
}

// ranked tells by itself.
type ranked struct{ cairn.LogReader }

func (ranked) Count(context.Context, cairn.Query, cairn.Position) (int64, error) { return 42, nil }
func (ranked) Nth(context.Context, cairn.Query, int64) (cairn.Position, error)   { return 43, nil }

func TestOrdinalsOfARanker(t *testing.T) {
	if n, err := cairn.Count(t.Context(), ranked{}, nil, 1); n != 42 || err != nil {
		t.Errorf("Count did not ask the store: %d, %v", n, err)
	}
	if p, err := cairn.Nth(t.Context(), ranked{}, nil, 1); p != 43 || err != nil {
		t.Errorf("Nth did not ask the store: %d, %v", p, err)
	}
}
