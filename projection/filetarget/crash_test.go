package filetarget

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

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

// whatever is the format where it does not matter: the one that is quicker, if tests
// are to be short.
func whatever() Format {
	if testing.Short() {
		return NDJSON
	}
	return Parquet
}

// TestFailures lets every operation fail, once or from then on, with its effect and
// without, and goes on where the target says it is.
func TestFailures(t *testing.T) {
	t.Parallel()
	modes := map[string]func(op, at int) (bool, bool){
		"before": func(op, at int) (bool, bool) { return op == at, false },
		"after":  func(op, at int) (bool, bool) { return false, op == at },
		"thrice": func(op, at int) (bool, bool) { return at <= op && op < at+3, false },
	}
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			total := stride()
			for at := begin(t); at <= total; at += stride() {
				d := newMemory()
				d.fail = func(op int) (bool, bool) { return mode(op, at) }
				total = max(total, persist(t, d))
			}
			t.Logf("%d operations", total)
		})
	}
}

// persist applies all events, however often it is turned back, and returns how many
// operations it took.
func persist(t *testing.T, d *memory) int {
	t.Helper()
	target := reopened(t, d)
	for tries := 0; ; tries++ {
		if tries > 20 {
			t.Fatal("it fails again and again")
		}
		p, err := recalled(t, target)
		if err == nil {
			err = onward(t.Context(), target, p)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, errInjected) || target.Fault(err) != projection.FaultDown {
			t.Fatalf("%v (%v)", err, target.Fault(err))
		}
	}
	if err := target.Close(); err != nil && !errors.Is(err, errInjected) {
		t.Fatal(err)
	}
	ops := d.ops
	d.fail = nil
	d.locked = false // its release may be what has failed
	target = reopened(t, d)
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
	if p := check(t, d); p != steps {
		t.Fatalf("readers see %d events, want %d", p, steps)
	}
	return ops
}

// TestFailureThenCrash has a write of the journal fail, with its effect or with half
// of it, the same update go well, and then a crash: it is there once.
func TestFailureThenCrash(t *testing.T) {
	for name, before := range map[string]bool{"half": true, "whole": false} {
		t.Run(name, func(t *testing.T) {
			d := newMemory()
			target, err := open(d, &Options{Format: NDJSON})
			if err == nil {
				err = errors.Join(setUp(t.Context(), target), step(t.Context(), target, 1))
			}
			if err != nil {
				t.Fatal(err)
			}
			at := d.ops + 1
			d.fail = func(op int) (bool, bool) { return before && op == at, !before && op == at }
			if err := step(t.Context(), target, 2); !errors.Is(err, errInjected) {
				t.Fatalf("got %v, want the failure", err)
			}
			p := position(t, target)
			if err := onward(t.Context(), target, p); err != nil {
				t.Fatal(err)
			}
			survive(t, d.crash(nil), NDJSON, steps)
			if err := target.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestKept merges files: the older ones stay for readers, also when the directory is
// opened again, until their time has come.
func TestKept(t *testing.T) {
	d := newMemory()
	for n := range int64(3) {
		target, err := open(d, &Options{Format: NDJSON})
		if err == nil && n == 0 {
			err = setUp(t.Context(), target)
		}
		if err == nil {
			err = errors.Join(step(t.Context(), target, n+1), target.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m, err := load(d)
	if err != nil || len(m.Obsolete) == 0 {
		t.Fatalf("nothing was merged: %v", err)
	}
	for _, o := range m.Obsolete {
		if d.names[o.Name] == nil {
			t.Errorf("%s is gone", o.Name)
		}
	}
	target, err := open(d, small(NDJSON))
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil || d.names[m.Obsolete[0].Name] != nil {
		t.Errorf("%v; %s should be gone", err, m.Obsolete[0].Name)
	}
}

func recalled(t *testing.T, target *Target) (int64, error) {
	if _, err := target.Entries(t.Context(), ""); err != nil {
		return 0, err
	}
	return position(t, target), nil
}

func onward(ctx context.Context, target *Target, p int64) error {
	if err := setUp(ctx, target); err != nil {
		return err
	}
	for n := p + 1; n <= steps; n++ {
		if err := step(ctx, target, n); err != nil {
			return err
		}
	}
	return nil
}

func reopened(t *testing.T, d *memory) *Target {
	t.Helper()
	for range 20 {
		target, err := open(d, small(whatever()))
		if err == nil {
			return target
		}
		if errors.Is(err, ErrLocked) {
			d.locked = false // its release may be what has failed
		} else if !errors.Is(err, errInjected) {
			t.Fatal(err)
		}
	}
	t.Fatal("it cannot be opened")
	return nil
}

// TestAge has a row wait until the journal is old enough, also when the disk fails.
func TestAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemory()
		target, err := open(d, &Options{Format: NDJSON}) // the Parquet writer keeps its encoders for others, and a bubble may not
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(setUp(t.Context(), target), step(t.Context(), target, 1)); err != nil {
			t.Fatal(err)
		}
		broken := true
		d.mu.Lock()
		d.fail = func(int) (bool, bool) { return broken, false }
		d.mu.Unlock()
		wait := func() int64 {
			<-time.After(target.o.Age + 1)
			synctest.Wait()
			m, err := load(&memory{names: d.names})
			if err != nil {
				t.Fatal(err)
			}
			return m.Rows("payment")
		}
		if n := wait(); n != 0 {
			t.Fatalf("%d rows on a broken disk", n)
		}
		d.mu.Lock()
		broken = false
		d.mu.Unlock()
		if n := wait(); n != 1 {
			t.Fatalf("readers see %d rows, want 1", n)
		}
		if err := target.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
