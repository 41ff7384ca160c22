package workload

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/system"
)

// A fake keeps events in memory, as many of them as keep allows.
type fake struct {
	mu    sync.Mutex
	heads map[string]cairn.Revision
	kept  system.Tally
	keep  func(n int64) bool
	lax   bool // ignores expectations
}

func (f *fake) Append(_ context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	head, known := f.heads[stream]
	if !known {
		head = cairn.NoStream
	}
	if head != expected && !f.lax {
		return &cairn.ConflictError{Stream: stream, Expected: expected, Actual: head}
	}
	f.heads[stream] = head + cairn.Revision(len(events))
	for _, e := range events {
		if f.keep == nil || f.keep(f.kept.Events) {
			f.kept.Events++
			f.kept.Bytes += int64(len(e.Data) + len(e.Metadata))
		}
	}
	return nil
}

func (f *fake) ReadAll(context.Context) (system.Tally, error) { return f.kept, nil }

func (f *fake) Close() error { return nil }

// spec opens the same fake again and again, as if it were on disk, but a new
// one for each directory.
func spec(make func() *fake) system.Spec {
	stores := map[string]*fake{}
	return system.Spec{Name: "fake", Open: func(_ context.Context, o system.Options) (system.System, error) {
		if stores[o.Dir] == nil {
			stores[o.Dir] = make()
			stores[o.Dir].heads = map[string]cairn.Revision{}
		}
		return stores[o.Dir], nil
	}}
}

func do(t *testing.T, s system.Spec, w ...Workload) (*Results, error) {
	t.Helper()
	run := &Run{
		Settings: Settings{Rounds: 2, Duration: 5 * time.Millisecond, Warmup: time.Millisecond, Events: 300},
		Dir:      t.TempDir(), Systems: []system.Spec{s}, Workloads: w, Log: t.Logf,
	}
	results := new(Results)
	err := run.Do(t.Context(), results)
	if _, gone := os.Stat(run.Dir); !errors.Is(gone, os.ErrNotExist) {
		t.Errorf("the directory is still there: %v", gone)
	}
	return results, err
}

func TestAppendReportsEveryRound(t *testing.T) {
	results, err := do(t, spec(func() *fake { return new(fake) }), Append{Writers: 4, Batch: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []string{EventsPerSecond, P50, P99, CPU} {
		if got := results.Values("batch-4x3", "fake", metric); len(got) != 2 || got[0] <= 0 {
			t.Errorf("%s: %v", metric, got)
		}
	}
}

func TestAppendFindsOutLostEvents(t *testing.T) {
	forgetful := func() *fake { return &fake{keep: func(n int64) bool { return n != 7 }} }
	if _, err := do(t, spec(forgetful), Append{Writers: 2, Batch: 1}); err == nil || !strings.Contains(err.Error(), "has acknowledged") {
		t.Errorf("the error is %v", err)
	}
}

func TestSystemsThatCheckNothingAreRefused(t *testing.T) {
	lax := spec(func() *fake { return &fake{lax: true} })
	if _, err := do(t, lax, Append{Writers: 1, Batch: 1}); err == nil || !strings.Contains(err.Error(), "must not exist") {
		t.Errorf("the error is %v", err)
	}
	lax.Unchecked = true
	if _, err := do(t, lax, Append{Writers: 1, Batch: 1}); err != nil {
		t.Error(err)
	}
}

func TestServicesThatAreMissingAreLeftOut(t *testing.T) {
	missing := system.Spec{Name: "missing", Open: func(context.Context, system.Options) (system.System, error) {
		return nil, system.ErrUnavailable
	}}
	results, err := do(t, missing, Append{Writers: 1, Batch: 1})
	if err != nil || len(results.Omitted) != 1 || len(results.Samples) != 0 {
		t.Errorf("%+v, %v", results, err)
	}
	strict := &Run{Dir: t.TempDir(), Systems: []system.Spec{missing}, Log: t.Logf, Strict: true}
	if err := strict.Do(t.Context(), new(Results)); !errors.Is(err, system.ErrUnavailable) {
		t.Errorf("strict: %v", err)
	}
}

func TestWorkThatASystemCannotDoIsNotReported(t *testing.T) {
	results, err := do(t, spec(func() *fake { return new(fake) }), Follow{Rate: 100}, ReadAll{}, ReadStreams{Streams: 5}, Filtered{})
	if err != nil || len(results.Samples) != 0 {
		t.Errorf("%+v, %v", results, err)
	}
}

func TestEventsDoNotCompress(t *testing.T) {
	var raw, packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	g := newGenerator(1)
	for range 1000 {
		e := g.event()
		for _, part := range [][]byte{e.Data, e.Metadata} {
			raw.Write(part)
			w.Write(part)
		}
	}
	w.Close()
	// 64 characters are 6 bits each; little more than that may be saved.
	if least := raw.Len() * 70 / 100; packed.Len() < least {
		t.Errorf("%d bytes became %d, fewer than %d", raw.Len(), packed.Len(), least)
	}
	if raw.Len() != 1000*PayloadSize {
		t.Errorf("%d bytes", raw.Len())
	}
}

func TestInterleavedStreams(t *testing.T) {
	for _, size := range []struct{ streams, length int }{{1, 1}, {7, 300}, {150, 100}, {2500, 1}} {
		heads, rare, ids := map[string]cairn.Revision{}, 0, map[cairn.ID]bool{}
		for writes := range interleaved(size.streams, size.streams*size.length) {
			for _, w := range writes {
				if head, known := heads[w.Stream]; w.Expected != head && (known || w.Expected != cairn.NoStream) {
					t.Fatalf("%+v: %s expects %v at %v", size, w.Stream, w.Expected, head)
				}
				heads[w.Stream] = w.Expected + 1
				ids[w.Events[0].ID] = true
				if w.Events[0].Type == rareType {
					rare++
				}
			}
		}
		n := size.streams * size.length
		lengths := slices.Compact(slices.Collect(maps.Values(heads)))
		if len(heads) != size.streams || len(lengths) != 1 || int(lengths[0]) != size.length-1 || len(ids) != n || rare != rareEvents(n) {
			t.Errorf("%+v: %d streams at %v, %d ids, %d rare", size, len(heads), lengths, len(ids), rare)
		}
	}
}

func TestMedian(t *testing.T) {
	var r Results
	for i, v := range []float64{5, 1, 3} {
		r.Samples = append(r.Samples, Sample{Workload: "w", System: "s", Round: i + 1, Metrics: Metrics{"m": v}})
	}
	if v, ok := r.Median("w", "s", "m"); !ok || v != 3 {
		t.Errorf("%v, %v", v, ok)
	}
	if _, ok := r.Median("w", "other", "m"); ok {
		t.Error("a median of nothing")
	}
}
