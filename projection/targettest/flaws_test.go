package targettest

import (
	"slices"
	"testing"
	"time"
)

// A flaw is a way to be wrong, and the checks that must find it out.
type flaw struct {
	name     string
	target   func(b *breakable)
	subject  func(b *breakable, s *Subject[memTx])
	waits    bool // for something that does not happen
	caughtBy []string
}

// looseFlaw is one that only a target without transactions can have.
type looseFlaw struct {
	name     string
	target   func(l *loose)
	caughtBy []string
}

// TestKitFindsFlaws breaks the target in memory in many ways; the kit has to notice.
func TestKitFindsFlaws(t *testing.T) {
	for _, f := range slices.Concat(ledgerFlaws, updateFlaws, rowFlaws, publishFlaws, withdrawFlaws, faultFlaws) {
		t.Run(f.name, func(t *testing.T) {
			if f.waits && testing.Short() {
				t.Skip("it waits for what does not happen")
			}
			for _, name := range f.caughtBy {
				mustFail(t, find[memTx](t, name), f.open, f.impatience())
			}
		})
	}
	for _, f := range looseFlaws {
		t.Run(f.name, func(t *testing.T) {
			for _, name := range f.caughtBy {
				mustFail(t, find[looseTx](t, name), f.open, patience)
			}
		})
	}
}

func (f flaw) open() Subject[memTx] {
	b := newBreakable()
	if f.target != nil {
		f.target(b)
	}
	s := memory(b)
	if f.subject != nil {
		f.subject(b, &s)
	}
	return s
}

func (f flaw) impatience() time.Duration {
	if f.waits {
		return time.Second / 2
	}
	return patience
}

func (f looseFlaw) open() Subject[looseTx] {
	l := newLoose()
	f.target(l)
	return looseMemory(l)
}

func find[Tx any](t *testing.T, name string) check[Tx] {
	t.Helper()
	all := checks[Tx]()
	i := slices.IndexFunc(all, func(c check[Tx]) bool { return c.name == name })
	if i < 0 {
		t.Fatalf("there is no check %q", name)
	}
	return all[i]
}

// mustFail plays a check on the broken target. A race is not lost every time.
func mustFail[Tx any](t *testing.T, c check[Tx], open func() Subject[Tx], patience time.Duration) {
	t.Helper()
	for range 20 {
		if fails := record(t, c, open(), patience); len(fails) > 0 {
			t.Logf("%s: %.200s", c.name, fails[0])
			return
		}
	}
	t.Errorf("%s does not notice it", c.name)
}
