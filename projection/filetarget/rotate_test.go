package filetarget

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

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
