package projection_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/storetest"
)

func TestADatabaseThatIsDown(t *testing.T) {
	inTrial(t, func(t *trial) {
		var tries []time.Time
		t.target.set(func(projection.Change) error { tries = append(tries, time.Now()); return errTxDown })
		var ups atomic.Int64
		t.o.OnUp = func(time.Duration) { ups.Add(1) }
		appendTo(t, t.store, "a")
		stop := startRun(t, t.store, t.target, t.p, &t.o)
		time.Sleep(time.Hour)
		t.target.set(nil)
		if n := len(tries); n < 700 || n > 10_000 {
			t.Errorf("in an hour it was tried %d times", n)
		}
		if pause := tries[len(tries)-1].Sub(tries[len(tries)-2]); pause > 5*time.Second {
			t.Errorf("after an hour the pause is %v", pause)
		}
		time.Sleep(time.Minute)
		t.counts(map[string]int64{"a": 1})
		if err := stop(); err != errEnd || ups.Load() == 0 {
			t.Errorf("Run = %v; it was up %d times", err, ups.Load())
		}
	})
}

func TestADatabaseThatMustBeMended(t *testing.T) {
	inTrial(t, func(t *trial) {
		stop := startRun(t, t.store, t.target, t.p, &t.o)
		synctest.Wait()
		t.target.set(func(projection.Change) error { return errTxMend })
		appendTo(t, t.store, "a")
		synctest.Wait()
		if err := stop(); !errors.Is(err, errTxMend) {
			t.Errorf("Run = %v", err)
		}
	})
}

// An event is nobody's fault when a transaction has lost.
func TestATransactionThatLostIsTriedAgain(t *testing.T) {
	inTrial(t, func(t *trial) {
		n := 0
		t.target.set(func(projection.Change) error {
			if n++; n%100 != 0 {
				return errTxLost
			}
			return nil
		})
		t.o.Attempts, t.p.Failures = 1, projection.SkipOnFailure
		appendTo(t, t.store, "a", "a")
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		t.counts(map[string]int64{"a": 2})
	})
}

func TestIdleSystemsWriteNothing(t *testing.T) {
	inTrial(t, func(t *trial) {
		t.p.Lanes = 3
		t.p.Handler.Types = nil
		appendTo(t, t.store, "a", "b", "c", "d")
		stop := startRun(t, t.store, t.target, t.p, &t.o)
		defer stop()
		time.Sleep(time.Minute)
		lanes, err := projection.Lanes(t.Context(), t.target, t.p.Name, 1)
		if err != nil {
			t.Fatal(err)
		}
		for n, c := range lanes {
			if c.Position < 4 {
				t.Errorf("lane %d stands at %d", n, c.Position)
			}
		}
		writes := 0
		t.target.set(func(projection.Change) error { writes++; return nil })
		head := func() cairn.Position {
			info, err := t.store.Info(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return info.Head
		}
		before := head()
		time.Sleep(time.Hour)
		t.target.set(nil)
		if after := head(); writes > 0 || after != before {
			t.Errorf("in an hour in which nothing happened there were %d writes, and the log came from %d to %d", writes, before, after)
		}
	})
}

// standing runs two runners; the second one takes the lane from the first.
func standing(t *trial) (first, second func() error) {
	t.Helper()
	appendTo(t, t.store, "a")
	t.o.Owner = "first"
	o := t.o
	o.Owner = "second"
	first = startRun(t, t.store, t.target, t.p, &t.o)
	time.Sleep(time.Second)
	second = startRun(t, t.store, t.target, t.p, &o)
	time.Sleep(time.Second)
	appendTo(t, t.store, "a")
	time.Sleep(time.Second)
	t.counts(map[string]int64{"a": 2})
	t.owner("second")
	return first, second
}

func (t *trial) owner(want string) {
	t.Helper()
	lanes, err := projection.Lanes(t.Context(), t.target, t.p.Name, 1)
	if err != nil || len(lanes) != 1 || !strings.HasPrefix(lanes[0].Owner, want) {
		t.Errorf("the lanes are %+v, %v; the owner should be %s", lanes, err, want)
	}
}

func TestTheOtherTakesOverAtOnce(t *testing.T) {
	inTrial(t, func(t *trial) {
		_, second := standing(t)
		time.Sleep(time.Hour)
		t.owner("second")
		if err := second(); err != errEnd {
			t.Error(err)
		}
		appendTo(t, t.store, "a")
		time.Sleep(3 * time.Second)
		t.owner("first")
		t.counts(map[string]int64{"a": 3})
	})
}

// A runner that hangs says nothing. What it does when it wakes up is undone.
func TestTheOtherTakesOverAfterTheLease(t *testing.T) {
	inTrial(t, func(t *trial) {
		gate, hang := make(chan struct{}), atomic.Bool{}
		handler := t.p.Handler.Apply
		t.p.Handler.Apply = func(ctx context.Context, tx *memtarget.Tx, events []*projection.Event) error {
			if hang.Swap(false) {
				<-gate
			}
			return handler(ctx, tx, events)
		}
		standing(t)
		time.Sleep(time.Hour)
		hang.Store(true)
		appendTo(t, t.store, "a")
		time.Sleep(9 * time.Second)
		t.owner("second")
		t.counts(map[string]int64{"a": 2})
		time.Sleep(6 * time.Second)
		t.owner("first")
		t.counts(map[string]int64{"a": 3})
		close(gate)
		appendTo(t, t.store, "a")
		time.Sleep(time.Second)
		t.counts(map[string]int64{"a": 4})
		time.Sleep(time.Hour)
		t.owner("first")
	})
}

func TestDefinitions(t *testing.T) {
	inTrial(t, func(t *trial) {
		appendTo(t, t.store, "a")
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		good := t.p
		for field, change := range map[string]func(){
			"lanes":  func() { t.p.Lanes = 2 },
			"tables": func() { t.p.Tables = []string{"other"} },
			"query":  func() { t.p.Query = cairn.Query{{Streams: []string{"a"}}} },
			"key":    func() { t.p.Key = func(*cairn.Recorded) string { return "" } },
		} {
			t.p = good
			change()
			err := t.run()
			if changed, ok := errors.AsType[*projection.ChangedError](err); !ok || changed.Field != field || !errors.Is(err, projection.ErrChanged) {
				t.Errorf("with other %s: %v", field, err)
			}
		}
		t.p = good
		t.p.Version = 2
		if err := t.run(); !errors.Is(err, projection.ErrUnknown) || !strings.Contains(err.Error(), "Deploy") {
			t.Errorf("version 2: %v", err)
		}
		t.p = good
		t.store = storetest.NewReference()
		defer t.store.Close()
		if err := t.run(); !errors.Is(err, projection.ErrStore) {
			t.Errorf("with another store: %v", err)
		}
	})
}

func TestBadInputIsNamed(t *testing.T) {
	inTrial(t, func(t *trial) {
		good, calm := t.p, t.o
		for field, change := range map[string]func(){
			"name":      func() { t.p.Name = "A" },
			"version":   func() { t.p.Version = -1 },
			"lanes":     func() { t.p.Lanes = 65 },
			"handler":   func() { t.p.Handler.Apply = nil },
			"failures":  func() { t.p.Failures = 3 },
			"tables[1]": func() { t.p.Tables = []string{"a", "a"} },
			"query":     func() { t.p.Query = cairn.ByType("other") },
			"max batch": func() { t.o.MaxBatch = -1 },
			"attempts":  func() { t.o.Attempts = 1001 },
			"lease":     func() { t.o.Lease = -1 },
		} {
			t.p, t.o = good, calm
			change()
			invalid, ok := errors.AsType[*cairn.InvalidError](t.run())
			if !ok || invalid.Field != field {
				t.Errorf("%s: %v", field, invalid)
			}
		}
	})
}

// An entry that cannot be read is named.
func TestEntriesThatAreGarbage(t *testing.T) {
	for _, key := range []string{"p/counts/deployment", "p/counts/1/lane/00", "p/counts/1/key/0"} {
		inTrial(t, func(t *trial) {
			appendTo(t, t.store, "a")
			if err := t.run(); err != errEnd {
				t.Fatal(err)
			}
			for _, value := range []string{"{", "7", `{"position":-1,"store":3,"key":[]}`} {
				err := t.target.Apply(t.Context(), projection.Change{Put: []projection.Entry{{Key: key, Value: value}}})
				if err != nil {
					t.Fatal(err)
				}
				if err := t.run(); err == nil || !strings.Contains(err.Error(), key) {
					t.Errorf("%s = %s: %v", key, value, err)
				}
			}
		})
	}
}
