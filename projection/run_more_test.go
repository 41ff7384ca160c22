package projection_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

func TestLineageIsRecorded(t *testing.T) {
	inTrial(t, func(t *trial) {
		appendTo(t, t.store, "a", "b", "a", "c")
		t.p.Lineage = func(e *cairn.Recorded) []string {
			if e.Stream == "c" {
				panic("a bug")
			}
			return []string{"count/" + e.Stream, "all"}
		}
		t.p.Failures = projection.SkipOnFailure
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		for row, want := range map[string]int{"count/a": 2, "count/b": 1, "all": 3} {
			n := 0
			for _, err := range projection.Explain(t.Context(), t.store, t.target, t.p.Name, row) {
				if n++; err != nil {
					t.Error(err)
				}
			}
			if n != want {
				t.Errorf("%d events made %s, want %d", n, row, want)
			}
		}
		if skipped, err := projection.Skipped(t.Context(), t.target, t.p.Name); err != nil || len(skipped) != 1 {
			t.Errorf("skipped are %v, %v", skipped, err)
		}
	})
}

// A log that counts how many events were read from it.
type counter struct {
	cairn.Store
	read atomic.Int64
}

func (c *counter) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range c.Store.ReadAll(ctx, o) {
			c.read.Add(1)
			if !yield(e, err) {
				return
			}
		}
	}
}

// A lane that is held up holds back the reader.
func TestMemoryIsBounded(t *testing.T) {
	for _, bytes := range []int64{0, 1000} {
		inTrial(t, func(t *trial) {
			for range 200 {
				if _, err := t.store.Append(t.Context(), "a", cairn.Any, cairn.Event{Type: "added", Data: make([]byte, 100)}); err != nil {
					t.Fatal(err)
				}
			}
			gate := make(chan struct{})
			t.p.Handler = projection.OnEvent(func(ctx context.Context, tx *memtarget.Tx, e *projection.Event) error {
				<-gate
				return countOne(ctx, tx, e)
			}, "added")
			log := &counter{Store: t.store}
			t.o.MaxBatch, t.o.MaxBytes, t.o.Report = 64, bytes, -1
			stop := startRun(t, log, t.target, t.p, &t.o)
			synctest.Wait()
			most := int64(64 + 1)
			if bytes > 0 {
				most = 1000/100 + 1
			}
			if n := log.read.Load(); n > most {
				t.Errorf("with %d bytes %d events were read while the first was applied", bytes, n)
			}
			close(gate)
			synctest.Wait()
			t.counts(map[string]int64{"a": 200})
			if err := stop(); err != errEnd {
				t.Error(err)
			}
		})
	}
}

// Transactions grow while they are short and shrink when they are long.
func TestBatchesAdapt(t *testing.T) {
	inTrial(t, func(t *trial) {
		for range 2000 {
			appendTo(t, t.store, "a")
		}
		each := time.Microsecond // so that the reader is always ahead
		t.p.Handler = projection.OnEvent(func(ctx context.Context, tx *memtarget.Tx, e *projection.Event) error {
			time.Sleep(each)
			return countOne(ctx, tx, e)
		}, "added")
		t.o.MaxBatch = 500
		var sizes []int
		var longest time.Duration
		t.o.OnApplied = func(_ cairn.Position, n int, took time.Duration) {
			sizes, longest = append(sizes, n), max(longest, took)
		}
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		if len(sizes) > 20 {
			t.Errorf("it took %d transactions: %v", len(sizes), sizes)
		}
		for range 2000 {
			appendTo(t, t.store, "a")
		}
		each, sizes, longest = 10*time.Millisecond, nil, 0
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		if len(sizes) < 80 || longest > time.Second {
			t.Errorf("it took %d transactions, of up to %v", len(sizes), longest)
		}
	})
}

func TestPanicsOfKeyAndSetup(t *testing.T) {
	inTrial(t, func(t *trial) {
		appendTo(t, t.store, "a")
		t.p.Lanes = 2
		t.p.Key = func(*cairn.Recorded) string { panic("a bug") }
		if err := t.run(); !errors.Is(err, projection.ErrFailed) {
			t.Errorf("Key: %v", err)
		}
		t.p.Name, t.p.Tables, t.p.Key = "another", []string{"other"}, nil
		t.p.Setup = func(context.Context, *memtarget.Tx, projection.Names) error { panic("a bug") }
		if _, ok := errors.AsType[*projection.PanicError](t.run()); !ok {
			t.Error("Setup")
		}
	})
}

func TestInline(t *testing.T) {
	inTrial(t, func(t *trial) {
		apply, err := t.p.Inline(projection.Names{})
		if err != nil {
			t.Fatal(err)
		}
		events := []cairn.Recorded{
			{Event: cairn.Event{Type: "added"}, Stream: "a", Position: 1},
			{Event: cairn.Event{Type: "other"}, Stream: "a", Revision: 1, Position: 2},
		}
		do := func() error {
			return t.target.Update(t.Context(), projection.Change{Put: []projection.Entry{{Key: "x", Value: "1"}}}, func(ctx context.Context, tx *memtarget.Tx) error {
				return apply(ctx, tx, events)
			})
		}
		if err := do(); err != nil {
			t.Fatal(err)
		}
		t.counts(map[string]int64{"a": 1})
		t.bad["a"], events[0].Revision = errPanic, 1
		if _, ok := errors.AsType[*projection.PanicError](do()); !ok {
			t.Error("a panic is no error")
		}
		t.p.Query = cairn.ByType("other")
		if _, err := t.p.Inline(projection.Names{}); err == nil {
			t.Error("a query that selects nothing is accepted")
		}
	})
}

// A projection without Tables writes under plain names, in any target.
func TestWithoutTables(t *testing.T) {
	inTrial(t, func(t *trial) {
		t.p.Tables = nil
		appendTo(t, t.store, "a", "a")
		if err := t.run(); err != errEnd {
			t.Fatal(err)
		}
		t.counts(map[string]int64{"a": 2})
		t.p.Version = 2
		if err := t.run(); !errors.Is(err, projection.ErrUnknown) {
			t.Error(err)
		}
	})
}

// Tables whose builds would have each other's names are refused.
func TestTablesOfOneName(t *testing.T) {
	p := countStreams()
	p.Tables = []string{"count", "count_b2"}
	err := projection.Run(t.Context(), runStore(t), memtarget.New(), p, nil)
	if invalid, ok := errors.AsType[*cairn.InvalidError](err); !ok || invalid.Field != "tables[1]" {
		t.Errorf("got %v", err)
	}
}
