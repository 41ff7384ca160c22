package filetarget

import (
	"context"
	"errors"
	"testing"

	"github.com/cairndb/cairn/projection"
)

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
			d.mu.Lock()
			at := d.ops + 1
			d.fail = func(op int) (bool, bool) { return before && op == at, !before && op == at }
			d.mu.Unlock()
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
