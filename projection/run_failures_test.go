package projection_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/storetest"
)

// A trial is a projection whose handler fails for chosen streams, in a bubble.
type trial struct {
	*testing.T
	store  cairn.Store
	target *shaky
	p      projection.Projection[*memtarget.Tx]
	o      projection.Options
	bad    map[string]error // by stream: what the handler returns for revision 1 and later
	tries  int              // of events that failed
}

func inTrial(t *testing.T, test func(t *trial)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		tr := &trial{T: t, store: storetest.NewReference(), target: newShaky(nil), p: countStreams(), bad: map[string]error{}}
		defer tr.store.Close()
		tr.p.Handler = projection.OnEvent(tr.handle, "added")
		test(tr)
	})
}

func (t *trial) handle(ctx context.Context, tx *memtarget.Tx, e *projection.Event) error {
	err := t.bad[e.Stream]
	if err == nil || e.Revision == 0 {
		return countOne(ctx, tx, e)
	}
	t.tries++
	if err == errPanic {
		panic("a bug")
	}
	return err
}

var (
	errBad   = errors.New("bad event")
	errPanic = errors.New("the handler is to panic")
)

// run runs until everything has come to rest. It returns the error of Run.
func (t *trial) run() error {
	t.Helper()
	stop := startRun(t, t.store, t.target, t.p, &t.o)
	time.Sleep(5 * time.Minute)
	return stop()
}

func (t *trial) counts(want map[string]int64) {
	t.Helper()
	for stream, n := range want {
		if got := countOf(t.target.Target, stream); got != n {
			t.Errorf("of %s %d events were applied, want %d", stream, got, n)
		}
	}
}

func TestAFailureStops(t *testing.T) {
	inTrial(t, func(t *trial) {
		appendTo(t, t.store, "a", "b", "b", "a")
		t.bad["b"] = errBad
		var told *projection.FailureError
		t.o.OnStopped = func(err *projection.FailureError) { told = err }
		err := t.run()
		f, ok := errors.AsType[*projection.FailureError](err)
		if !ok || told != f || f.Event.Position != 3 || f.Attempts != 5 || !errors.Is(err, errBad) || !errors.Is(err, projection.ErrFailed) {
			t.Fatalf("Run = %v", err)
		}
		if t.tries != 6 { // among the others, and five times alone
			t.Errorf("it was tried %d times", t.tries)
		}
		t.counts(map[string]int64{"a": 1, "b": 1})
		delete(t.bad, "b")
		if err := t.run(); err != errEnd {
			t.Error(err)
		}
		t.counts(map[string]int64{"a": 2, "b": 2})
	})
}

func TestAFailureIsSkipped(t *testing.T) {
	for _, bad := range []error{errBad, errPanic} {
		inTrial(t, func(t *trial) {
			appendTo(t, t.store, "a", "b", "b", "b", "a")
			t.bad["b"] = bad
			t.p.Failures = projection.SkipOnFailure
			var told []cairn.Position
			t.o.OnSkipped = func(e *cairn.Recorded, _ int, _ error) { told = append(told, e.Position) }
			if err := t.run(); err != errEnd {
				t.Fatal(err)
			}
			t.counts(map[string]int64{"a": 2, "b": 1})
			skipped, err := projection.Skipped(t.Context(), t.target, t.p.Name)
			if err != nil || len(skipped) != 2 || skipped[0].Position != 3 || skipped[1].Position != 4 || skipped[0].Attempts != 5 || skipped[0].Reason == "" {
				t.Errorf("skipped are %+v, %v", skipped, err)
			}
			if !slices.Equal(told, []cairn.Position{3, 4}) {
				t.Error("told of", told)
			}
		})
	}
}

func TestAFailureParksItsKey(t *testing.T) {
	inTrial(t, func(t *trial) {
		appendTo(t, t.store, "a", "b", "b", "c", "b", "a")
		t.bad["b"] = errBad
		t.p.Failures = projection.ParkOnFailure
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		appendTo(t, t.store, "b", "c")
		if err := t.run(); err != errEnd { // a new runner knows the parked key
			t.Fatal(err)
		}
		t.counts(map[string]int64{"a": 2, "b": 1, "c": 2})
		if t.tries != 6 {
			t.Errorf("it was tried %d times", t.tries)
		}
		parked, err := projection.Parked(t.Context(), t.target, t.p.Name)
		if err != nil || len(parked) != 1 || parked[0].Key != "b" || parked[0].Events != 3 || parked[0].First != 3 || parked[0].Last < 7 || !strings.Contains(parked[0].Reason, "bad event") {
			t.Fatalf("parked are %+v, %v", parked, err)
		}
		events, err := projection.ParkedEvents(t.Context(), t.target, t.p.Name, 0, "b")
		if err != nil || len(events) != 3 || events[0].Attempts != 5 || events[1].Attempts != 0 || events[1].Revision != 2 {
			t.Errorf("its events are %+v, %v", events, err)
		}
	})
}

// parkB parks b, whose events are at positions 2 to 4.
func (t *trial) parkB() {
	t.Helper()
	appendTo(t, t.store, "b", "b", "b", "b")
	t.bad["b"] = projection.Park(errBad)
	if err := t.run(); err != errEnd {
		t.Fatal(err)
	}
	if t.tries != 1 {
		t.Errorf("what is to be parked was tried %d times", t.tries)
	}
	delete(t.bad, "b")
}

func TestParkedEventsAreRetried(t *testing.T) {
	inTrial(t, func(t *trial) {
		t.parkB()
		t.bad["b"] = errBad
		all, err := projection.RetryParked(t.Context(), t.store, t.target, t.p, "b")
		if err != nil || len(all) != 1 || all[0].Left != 3 || !errors.Is(all[0].Err, errBad) {
			t.Fatalf("RetryParked = %+v, %v", all, err)
		}
		delete(t.bad, "b")
		stop := startRun(t, t.store, t.target, t.p, &t.o)
		synctest.Wait()
		all, err = projection.RetryParked(t.Context(), t.store, t.target, t.p, "b")
		if err != nil || len(all) != 1 || all[0].Applied != 3 || all[0].Left != 0 || all[0].Err != nil {
			t.Fatalf("RetryParked = %+v, %v", all, err)
		}
		appendTo(t, t.store, "b")
		synctest.Wait()
		t.counts(map[string]int64{"b": 5})
		if _, err := projection.RetryParked(t.Context(), t.store, t.target, t.p, "b"); !errors.Is(err, projection.ErrUnknown) {
			t.Error("of a key that is not parked:", err)
		}
		_ = stop()
	})
}

func TestAskedToRetry(t *testing.T) {
	inTrial(t, func(t *trial) {
		t.parkB()
		stop := startRun(t, t.store, t.target, t.p, &t.o)
		defer stop()
		answer, err := projection.Ask(t.Context(), t.target, t.p.Name, projection.Request{What: projection.AskRetry, Key: "b"})
		if err != nil || answer.Error != "" {
			t.Errorf("the answer is %+v, %v", answer, err)
		}
		t.counts(map[string]int64{"b": 4})
	})
}

func TestParkedEventsAreDropped(t *testing.T) {
	inTrial(t, func(t *trial) {
		t.parkB()
		n, err := projection.DropParked(t.Context(), t.target, t.p.Name, 0, "b")
		if err != nil || n != 3 {
			t.Fatalf("DropParked = %d, %v", n, err)
		}
		if _, err := projection.DropParked(t.Context(), t.target, t.p.Name, 0, "b"); !errors.Is(err, projection.ErrUnknown) {
			t.Error("of a key that is not parked:", err)
		}
		skipped, err := projection.Skipped(t.Context(), t.target, t.p.Name)
		if err != nil || len(skipped) != 3 || skipped[0].Position != 2 {
			t.Errorf("skipped are %+v, %v", skipped, err)
		}
	})
}

// A handler for batches does not say which event fails.
func TestTheEventIsFound(t *testing.T) {
	inTrial(t, func(t *trial) {
		for range 30 {
			appendTo(t, t.store, "a", "b", "c")
		}
		t.p.Failures = projection.SkipOnFailure
		one := t.p.Handler.Apply
		t.bad["b"] = errBad
		t.p.Handler.Apply = func(ctx context.Context, tx *memtarget.Tx, events []*projection.Event) error {
			if err := one(ctx, tx, events); err != nil {
				return errBad
			}
			return nil
		}
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		t.counts(map[string]int64{"a": 30, "b": 1, "c": 30})
		if skipped, err := projection.Skipped(t.Context(), t.target, t.p.Name); err != nil || len(skipped) != 29 {
			t.Errorf("%d were skipped, %v", len(skipped), err)
		}
	})
}

// What only the end of a transaction finds out is an event's failure, too.
func TestADeferredConstraintFails(t *testing.T) {
	inTrial(t, func(t *trial) {
		appendTo(t, t.store, "a", "b", "c")
		t.p.Failures, t.o.Attempts = projection.SkipOnFailure, 1
		t.target.set(func(c projection.Change) error {
			for _, e := range c.Put {
				if strings.Contains(e.Key, "/skipped/") {
					return nil
				}
			}
			before, after := laneAt(t, c.Expect), laneAt(t, c.Put)
			if before < 2 && after >= 2 {
				return errBad
			}
			return nil
		})
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		t.counts(map[string]int64{"a": 1, "b": 0, "c": 1})
	})
}

// laneAt is where the lane stands among some entries.
func laneAt(t *trial, entries []projection.Entry) cairn.Position {
	for _, e := range entries {
		var c projection.Checkpoint
		if strings.Contains(e.Key, "/lane/") && e.Value != "" {
			if err := json.Unmarshal([]byte(e.Value), &c); err != nil {
				t.Fatal(err)
			}
			return c.Position
		}
	}
	return 0
}

// An outcome without a reason is one all the same.
func TestOutcomesWithoutAReason(t *testing.T) {
	for _, err := range []error{projection.Park(nil), projection.Skip(nil), projection.Stop(nil)} {
		if err == nil || err.Error() == "" {
			t.Errorf("got %v", err)
		}
	}
}

// A key that a person cannot type, and a ledger cannot keep, is not parked.
func TestAKeyThatIsNoText(t *testing.T) {
	inTrial(t, func(t *trial) {
		appendTo(t, t.store, "a")
		t.p.Failures = projection.ParkOnFailure
		t.p.Key = func(*cairn.Recorded) string { return "\xff\x01" }
		t.p.Handler = projection.OnEvent(func(context.Context, *memtarget.Tx, *projection.Event) error { return errors.New("no") }, "added")
		stop := startRun(t, t.store, t.target, t.p, &t.o)
		time.Sleep(time.Minute)
		if err := stop(); !errors.Is(err, projection.ErrFailed) || !errors.Is(err, cairn.ErrInvalid) {
			keys, _ := projection.Parked(context.Background(), t.target, t.p.Name)
			t.Errorf("Run = %v; parked: %+v", err, keys)
		}
	})
}
