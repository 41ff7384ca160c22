package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// A Config says how to get at the store under test and what it lacks.
type Config struct {
	// Open opens an empty store. Every test opens its own and closes it.
	Open func(t *testing.T) cairn.Store

	// Reopen closes a store and opens it again over what it holds. Nil means
	// that the store does not outlive Close; what needs it is skipped.
	Reopen func(t *testing.T, s cairn.Store) cairn.Store

	// Lacks are the features that the store does not have.
	Lacks []Feature

	// Operations is how many random operations to compare with the reference.
	// Zero means 10,000.
	Operations int
}

// A Feature is something that a store may lack and still be of use.
type Feature string

// The features, by what is missing without them.
const (
	// BigEvents are events up to MaxEventSize and batches up to MaxBatchSize.
	BigEvents Feature = "big events"
	// Times are kept as the caller set them.
	Times Feature = "times set by the caller"
	// Recall is recognising events by ID where Any or StreamExists is expected.
	Recall Feature = "recognising retries that expect any"
	// Retention is obeying the maximal age and count in a stream's metadata.
	Retention Feature = "retention by age and count"
	// Reopening is keeping what was written beyond Close.
	Reopening Feature = "reopening"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// A check is one test of the kit.
type check struct {
	name  string
	needs []Feature
	run   func(k *kit)
}

// Run holds a store to the contract. It runs one subtest for each promise; a
// test that needs a feature which the store lacks is skipped by name.
//
// The random operations begin with a seed that is logged. Set CAIRN_SEED in the
// environment to play the same ones again.
func Run(t *testing.T, c Config) {
	if c.Reopen == nil {
		c.Lacks = append(slices.Clone(c.Lacks), Reopening)
	}
	for _, check := range checks() {
		t.Run(check.name, func(t *testing.T) {
			for _, f := range check.needs {
				if slices.Contains(c.Lacks, f) {
					t.Skipf("the store lacks %s", f)
				}
			}
			check.play(t, &bench{
				open:       func() cairn.Store { return c.Open(t) },
				reopen:     func(s cairn.Store) cairn.Store { return c.Reopen(t, s) },
				lacks:      c.Lacks,
				operations: c.Operations,
				patience:   patience,
			})
		})
	}
}

// A bench is where checks are run: it hands out stores.
type bench struct {
	open       func() cairn.Store
	reopen     func(cairn.Store) cairn.Store
	lacks      []Feature
	operations int
	patience   time.Duration
}

// play runs the check on a store of its own.
func (c check) play(t testing.TB, b *bench) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), b.patience, errTooLong)
	defer cancel()
	k := &kit{TB: t, bench: b, ctx: ctx, store: b.open()}
	defer func() {
		if err := k.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	c.run(k)
}
