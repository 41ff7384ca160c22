package targettest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/cairndb/cairn/projection"
)

// patience is how long a check may take.
const patience = time.Minute

// errTooLong ends whatever a check still waits for when its time is up.
var errTooLong = errors.New("targettest: this should have happened long ago")

// A check is one test of the kit.
type check[Tx any] struct {
	name  string
	needs []need
	run   func(k *kit[Tx])
}

// A need is what a check wants of the target and the subject.
type need struct {
	what string
	met  func(l projection.Ledger, lacks []Feature) bool
}

func feature(f Feature) need {
	return need{string(f), func(_ projection.Ledger, lacks []Feature) bool { return !slices.Contains(lacks, f) }}
}

var (
	transactions = need{"transactions", func(l projection.Ledger, _ []Feature) bool { return l.Traits().Transactional }}
	undoesTables = need{"undoing whole transactions", func(l projection.Ledger, _ []Feature) bool { return l.Traits().Undoes }}
	positions    = need{"rows with positions", func(l projection.Ledger, _ []Feature) bool { return !l.Traits().Transactional }}
	builds       = need{"a publisher", func(l projection.Ledger, _ []Feature) bool { _, ok := l.(projection.Publisher); return ok }}
	names        = need{"taking names away", func(l projection.Ledger, _ []Feature) bool { _, ok := l.(projection.Withdrawer); return ok }}
)

// Run holds a target to its promises. It runs one subtest for each, on a Subject
// of its own; a test that needs what the database lacks is skipped by name.
func Run[Tx any](t *testing.T, open func(t testing.TB) Subject[Tx]) {
	for _, c := range checks[Tx]() {
		t.Run(c.name, func(t *testing.T) { c.play(t, open(t), patience) })
	}
}

// play runs the check on a subject, for so long at most.
func (c check[Tx]) play(t testing.TB, s Subject[Tx], patience time.Duration) {
	t.Helper()
	if why, ok := s.Except[c.name]; ok {
		t.Skip(why)
	}
	for _, n := range c.needs {
		if !n.met(s.Target, s.Lacks) {
			t.Skipf("the target lacks %s", n.what)
		}
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errTooLong)
	defer cancel()
	c.run(&kit[Tx]{TB: t, Subject: s, ctx: ctx})
}
