package filetarget

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cairndb/cairn/projection"
)

var first = projection.Names{Build: 1}

// even is a target with two events, the table even_b1, and what readers see as even.
func even(t *testing.T) (*Target, *memory) {
	t.Helper()
	d := newMemory()
	target, err := open(d, small(NDJSON))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	err = errors.Join(setUp(t.Context(), target), step(t.Context(), target, 1), step(t.Context(), target, 2),
		target.Publish(t.Context(), projection.Change{}, []string{"even"}, first))
	if err != nil {
		t.Fatal(err)
	}
	return target, d
}

// TestWithdraw takes a name away, and then what it stood for, down to its directory.
func TestWithdraw(t *testing.T) {
	target, d := even(t)
	moved := projection.Change{Expect: []projection.Entry{{Key: checkpoint, Value: "1"}}}
	if err := target.Withdraw(t.Context(), moved, []string{"even"}); !errors.Is(err, projection.ErrMoved) || sees(t, d) != 1 {
		t.Fatalf("got %v, want ErrMoved, and readers to see it still", err)
	}
	if err := target.Discard(t.Context(), projection.Change{}, []string{"even"}, first); err == nil {
		t.Fatal("what readers see was discarded")
	}
	done := projection.Change{Put: []projection.Entry{{Key: "withdrawn", Value: "1"}}}
	if err := target.Withdraw(t.Context(), done, []string{"even", "nothing"}); err != nil || sees(t, d) != 0 {
		t.Fatalf("%v; readers see %d rows", err, sees(t, d))
	}
	if found, err := target.Entries(t.Context(), "withdrawn"); err != nil || len(found) != 1 {
		t.Fatalf("the entries are %v, %v", found, err)
	}
	err := errors.Join(target.Discard(t.Context(), projection.Change{}, []string{"even"}, first), step(t.Context(), target, 3), target.Flush(t.Context()))
	if err != nil || d.dirs["even_b1"] || !d.dirs["payment"] {
		t.Fatalf("%v; the directories are %v", err, d.dirs)
	}
	for name := range d.names {
		if strings.HasPrefix(name, "even_b1/") {
			t.Errorf("%s is still there", name)
		}
	}
}

// sees is how many rows readers find under the plain name.
func sees(t *testing.T, d *memory) int64 {
	t.Helper()
	m, err := load(d)
	if err != nil {
		t.Fatal(err)
	}
	return m.Rows("even")
}

// TestMeanwhile has a table replaced by another one of its name while an update is
// under way that writes to it: its rows are not for that one.
func TestMeanwhile(t *testing.T) {
	for name, columns := range map[string][]Column{"gone": nil, "another": {{Name: "m", Kind: Bool}}} {
		t.Run(name, func(t *testing.T) {
			target, d := even(t)
			err := target.Update(t.Context(), projection.Change{}, func(ctx context.Context, tx *Tx) error {
				return errors.Join(tx.Append("even_b1", map[string]any{"n": 3}), replaced(ctx, target, columns))
			})
			if !errors.Is(err, projection.ErrUnknown) || target.Fault(err) != projection.FaultSetup {
				t.Fatalf("got %v, want ErrUnknown", err)
			}
			if err := target.Flush(t.Context()); err != nil || sees(t, d) != 0 {
				t.Fatalf("%v; readers see %d rows", err, sees(t, d))
			}
		})
	}
}

// replaced removes even_b1, and makes it anew if there are columns.
func replaced(ctx context.Context, target *Target, columns []Column) error {
	err := errors.Join(target.Withdraw(ctx, projection.Change{}, []string{"even"}), target.Discard(ctx, projection.Change{}, []string{"even"}, first))
	if err != nil || columns == nil {
		return err
	}
	return target.Update(ctx, projection.Change{}, func(_ context.Context, tx *Tx) error { return tx.Create("even_b1", columns...) })
}
