package projection_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

// errEnd is why a test ends a runner.
var errEnd = errors.New("the test ends it")

// runStore is an empty store.
func runStore(t testing.TB) cairn.Store {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// appendTo appends an event of type "added" to each stream, in turn.
func appendTo(t testing.TB, store cairn.Store, streams ...string) {
	t.Helper()
	for _, stream := range streams {
		if _, err := store.Append(t.Context(), stream, cairn.Any, cairn.Event{Type: "added"}); err != nil {
			t.Fatal(err)
		}
	}
}

// countStreams counts the events of each stream, and refuses any that is not the next.
func countStreams() projection.Projection[*memtarget.Tx] {
	return projection.Projection[*memtarget.Tx]{
		Name:    "counts",
		Tables:  []string{"count"},
		Handler: projection.OnEvent(countOne, "added"),
	}
}

func countOne(_ context.Context, tx *memtarget.Tx, e *projection.Event) error {
	n, _ := memtarget.Value[int64](tx.Get(e.Name("count"), e.Stream))
	if n != int64(e.Revision) {
		return projection.Stop(fmt.Errorf("of %s %d events are applied, and this is revision %d", e.Stream, n, e.Revision))
	}
	tx.Set(e.Name("count"), e.Stream, n+1)
	return nil
}

// startRun runs a projection until the test ends it by what is returned, which
// returns the error of Run.
func startRun(t testing.TB, log projection.Log, target projection.Target[*memtarget.Tx], p projection.Projection[*memtarget.Tx], o *projection.Options) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- projection.Run(ctx, log, target, p, o) }()
	var err error
	var stopped bool
	stop = func() error {
		if cancel(errEnd); !stopped {
			stopped, err = true, <-ended
		}
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// waitAll waits until readers see all that is stored.
func waitAll(t testing.TB, store cairn.Store, ledger projection.Ledger, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	info, err := store.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := projection.Wait(ctx, store, ledger, name, info.Head); err != nil {
		t.Fatal(err)
	}
}

func countOf(target *memtarget.Target, stream string) int64 {
	n, _ := memtarget.Value[int64](target.Table("count").Get(stream))
	return n
}

func TestRunAppliesEvents(t *testing.T) {
	store, target := runStore(t), memtarget.New()
	appendTo(t, store, "a", "b", "a")
	stop := startRun(t, store, target, countStreams(), nil)
	waitAll(t, store, target, "counts")
	appendTo(t, store, "b", "b", "c")
	waitAll(t, store, target, "counts")
	for stream, want := range map[string]int64{"a": 2, "b": 3, "c": 1} {
		if n := countOf(target, stream); n != want {
			t.Errorf("of %s %d events were applied, want %d", stream, n, want)
		}
	}
	if err := stop(); err != errEnd {
		t.Errorf("Run = %v", err)
	}
}
