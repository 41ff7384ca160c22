package filetarget

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/cairndb/cairn/projection"
)

const steps = 24

// story applies events, and publishes and flushes now and then, until all are
// applied or something fails. It tells how far it has come for certain.
func story(ctx context.Context, t *Target, acked func(n int64)) error {
	if err := setUp(ctx, t); err != nil {
		return err
	}
	for n := int64(1); n <= steps; n++ {
		if err := step(ctx, t, n); err != nil {
			return err
		}
		acked(n)
		if n%10 == 0 {
			if err := t.Publish(ctx, projection.Change{}, []string{"even"}, projection.Names{Build: 1}); err != nil {
				return err
			}
		}
		if n%7 == 0 {
			if err := t.Flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// stride is how many operations the tests go on at a time: all of them, unless they
// are to be short.
func stride() int {
	if testing.Short() {
		return 7
	}
	return 1
}

// begin is the operation with which a test begins that strides on. It is logged.
func begin(t *testing.T) int {
	n := 1 + rand.IntN(stride())
	t.Logf("beginning with operation %d, every %d.", n, stride())
	return n
}

// TestCrash crashes after every operation, in three ways, and looks what readers see
// then and what the next target makes of it.
func TestCrash(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{Parquet, NDJSON} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			d, acked, begin := newMemory(), int64(0), begin(t)
			d.after = func(op int) {
				if (op-begin)%stride() != 0 {
					return
				}
				for _, luck := range []*rand.Rand{nil, r, r} {
					survive(t, d.crash(luck), f, acked)
				}
			}
			target, err := open(d, small(f))
			if err != nil {
				t.Fatal(err)
			}
			if err := story(t.Context(), target, func(n int64) { acked = n }); err != nil {
				t.Fatal(err)
			}
			if err := target.Close(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d operations", d.ops)
			if d.ops < 200 {
				t.Errorf("only %d operations", d.ops)
			}
		})
	}
}

// survive opens what a crash has left.
func survive(t *testing.T, d *memory, f Format, acked int64) {
	t.Helper()
	if _, err := load(d); err == nil {
		check(t, d)
	} else if missing := (*missingError)(nil); !errors.As(err, &missing) || acked > 0 {
		t.Fatal(err)
	}
	target, err := open(d, small(f))
	if err != nil {
		t.Fatal(err)
	}
	p := position(t, target)
	if p < acked || p > acked+1 {
		t.Fatalf("the checkpoint is at %d after %d", p, acked)
	}
	if check(t, d) != p {
		t.Fatal("readers do not see all that was there when the target was opened")
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
	names, err := files(d)
	if err != nil {
		t.Fatal(err)
	}
	m, err := load(d)
	if err != nil {
		t.Fatal(err)
	}
	listed := 2 + len(m.Obsolete) // manifest, journal
	for _, table := range m.Tables {
		listed += len(table.Parts) + 1 // its directory
	}
	if dirs := len(d.dirs) - 1 - len(m.Tables); len(names) != listed+dirs {
		t.Fatalf("the directory has %v, and the manifest lists %d", names, listed)
	}
}
