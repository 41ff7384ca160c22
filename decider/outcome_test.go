package decider_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider"
)

// The answer may be lost after the events were stored, or before.
func TestUnknownOutcomeIsRetriedWithTheSameEvents(t *testing.T) {
	for _, stored := range []bool{true, false} {
		store := newStore(t)
		lost := 3
		s := &trap{Store: store}
		s.append = func(next func() (cairn.Receipt, error)) (cairn.Receipt, error) {
			if lost--; lost < 0 {
				return next()
			}
			if stored {
				next()
			}
			return cairn.Receipt{}, fmt.Errorf("connection reset: %w", cairn.ErrUnknownOutcome)
		}
		res, err := over(s).Do(t.Context(), "account-1", deposit(5))
		if err != nil || res.State.Cents != 5 || res.Duplicate != stored || res.Attempts != 4 || res.Revision != 0 {
			t.Errorf("stored %v: %+v, %v", stored, res, err)
		}
		if got, _, _ := over(store).Load(t.Context(), "account-1"); got != res.State {
			t.Errorf("stored %v: %+v", stored, got)
		}
	}
}

// Somebody else wrote after an append whose answer was lost: it was stored, or
// else is refused, and then decided anew.
func TestUnknownOutcomeFollowedByOthers(t *testing.T) {
	for _, stored := range []bool{true, false} {
		store := newStore(t)
		fill(t, store, "account-1", 1)
		first := true
		s := &trap{Store: store}
		s.append = func(next func() (cairn.Receipt, error)) (cairn.Receipt, error) {
			if !first {
				return next()
			}
			first = false
			if stored {
				next()
			}
			fill(t, store, "account-1", 2)
			return cairn.Receipt{}, cairn.ErrUnknownOutcome
		}
		_, err := over(s).Do(t.Context(), "account-1", deposit(100))
		if got, _, _ := over(store).Load(t.Context(), "account-1"); err != nil || got.Cents != 103 {
			t.Errorf("stored %v: %+v, %v", stored, got, err)
		}
	}
}

func TestUnknownOutcomeStaysUnknown(t *testing.T) {
	failed := []error{cairn.ErrUnknownOutcome, cairn.ErrFailed}
	s := &trap{Store: newStore(t)}
	s.append = func(func() (cairn.Receipt, error)) (cairn.Receipt, error) {
		err := failed[0]
		failed = failed[1:]
		return cairn.Receipt{}, err
	}
	_, err := over(s).Do(t.Context(), "account-1", deposit(5))
	if !errors.Is(err, cairn.ErrUnknownOutcome) || !errors.Is(err, cairn.ErrFailed) {
		t.Error(err)
	}
}

func alwaysConflict(func() (cairn.Receipt, error)) (cairn.Receipt, error) {
	return cairn.Receipt{}, &cairn.ConflictError{Stream: "account-1", Expected: -1, Actual: 4}
}

func TestGivingUpAfterMaxAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		accounts := decider.New(&trap{Store: newStore(t), append: alwaysConflict}, events, state.evolve, nil)
		res, err := accounts.Do(t.Context(), "account-1", deposit(1))
		gave, ok := errors.AsType[*decider.GaveUpError](err)
		if !ok || gave.Attempts != 256 || res.Attempts != 256 || gave.Cause != nil {
			t.Errorf("%+v, %v", res, err)
		}
		if !errors.Is(err, decider.ErrGaveUp) || !errors.Is(err, cairn.ErrConflict) {
			t.Error(err)
		}
		if took := time.Since(start); took < 15*time.Second || took > 40*time.Second {
			t.Errorf("gave up after %v", took)
		}
	})
}

func TestDelaysGrowAndAreRandom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last, n := time.Now(), 0
		var longest, sum time.Duration
		s := &trap{Store: newStore(t)}
		s.append = func(func() (cairn.Receipt, error)) (cairn.Receipt, error) {
			d := time.Since(last)
			bound := min(10*time.Millisecond<<min(max(n-1, 0), 10), time.Second)
			if n > 0 && d > bound {
				t.Errorf("waited %v before attempt %d, more than %v", d, n+1, bound)
			}
			last, n, sum, longest = time.Now(), n+1, sum+d, max(longest, d)
			return alwaysConflict(nil)
		}
		accounts := decider.New(s, events, state.evolve, &options{
			MaxAttempts: 200, FirstDelay: 10 * time.Millisecond, MaxDelay: time.Second,
		})
		accounts.Do(t.Context(), "account-1", deposit(1))
		if mean := sum / 200; mean < 300*time.Millisecond || mean > 700*time.Millisecond || longest < 800*time.Millisecond {
			t.Errorf("mean %v, longest %v: not spread over a second", mean, longest)
		}
	})
}

func TestGivingUpWhenTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("the user went away")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		start := time.Now()
		accounts := decider.New(&trap{Store: newStore(t), append: alwaysConflict}, events, state.evolve,
			&options{FirstDelay: time.Hour, MaxDelay: time.Hour})
		_, err := accounts.Do(ctx, "account-1", deposit(1))
		if !errors.Is(err, cause) || !errors.Is(err, cairn.ErrConflict) || !errors.Is(err, decider.ErrGaveUp) {
			t.Error(err)
		}
		if time.Since(start) > time.Second {
			t.Errorf("returned after %v", time.Since(start))
		}
	})
}
