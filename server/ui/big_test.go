package ui_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui"
)

// What the pages are measured on: docs/benchmarks.md says how it is used.
var (
	bigDir     = flag.String("window.store", "", "directory of the store that BenchmarkPages measures on, filled if there is none; empty is one that is thrown away")
	bigEvents  = flag.Int("window.events", 100_000, "how many events to fill it with")
	bigHistory = flag.String("window.history", "", "gzipped file of events to fill it with, as examples/history makes them")
	bigReact   = flag.Int("window.react", 20, "how many groups and projections to fill it with; of timers there are 100 times as many, of instances of a saga 10 times")
)

// bigPages are the paths that are measured, by what is special about them: %[1]d is a
// position in the middle of the log, %[2]d a revision in the middle of the huge stream.
var bigPages = []struct{ name, path string }{
	{"overview", "/"},
	{"streams", "/streams"},
	{"streams of a wide prefix", "/streams?prefix=file-"},
	{"streams of a wide prefix, from the middle", "/streams?prefix=file-&after=%[1]d"},
	{"streams of a narrow prefix", "/streams?prefix=file-0/nats-server/server/c"},
	{"streams of no prefix", "/streams?prefix=zebra"},
	{"streams of a large category", "/streams?category=file"},
	{"streams of a category with one huge stream", "/streams?category=ledger"},
	{"streams of no category", "/streams?category=zebra"},
	{"huge stream, its end", "/streams/ledger-1"},
	{"huge stream, its middle", "/streams/ledger-1?to=%[2]d"},
	{"huge stream at a moment", "/streams/ledger-1?at=2019-01-01T12:00"},
	{"state of a huge stream, its end", "/streams/ledger-1/state"},
	{"state of a huge stream, its middle", "/streams/ledger-1/state?at=%[2]d"},
	{"state of a huge stream, its beginning", "/streams/ledger-1/state?at=3"},
	{"event in the middle", "/events/%[1]d"},
	{"event of a huge correlation", "/events/%[3]d"},
	{"event of a huge stream", "/events/%[4]d"},
	{"first event", "/events/1"},
	{"explore", "/explore"},
	{"explore from the middle", "/explore?before=%[1]d"},
	{"explore a common type", "/explore?type=FileChanged"},
	{"explore a rare type", "/explore?type=Rare"},
	{"explore a rare tag", "/explore?tag=rare:1"},
	{"explore a rare type among a large category", "/explore?type=Rare&category=file"},
	{"explore no type", "/explore?type=Zebra"},
	{"explore a field that few have", "/explore?field=rare&value=yes"},
	{"explore a field within a type", "/explore?type=Booked&field=last.of&value=zebra"},
	{"explore a moment in the middle", "/explore?since=2019-01-01&until=2019-01-02"},
	{"explore up to the middle", "/explore?until=2019-01-01"},
	{"explore a type up to the middle", "/explore?type=Booked&until=2019-01-01"},
	{"explore a type since the middle", "/explore?type=Rare&since=2019-01-01"},
	{"explore what is to come", "/explore?since=2030-01-01"},
	{"explore a huge correlation", "/explore?correlation=the-year"},
	{"groups", "/groups"},
	{"group far behind", "/groups/behind"},
	{"group that has parked much", "/groups/parking"},
	{"projections", "/projections"},
	{"projection", "/projections/projection-0"},
	{"map", "/map"},
	{"sagas", "/sagas"},
	{"timers", "/timers"},
	{"operations", "/operations"},
}

// BenchmarkPages measures how long the server takes for each page of the window on a
// large store: the first time after the store was opened, with nothing of it in the
// machine's memory where that can be had (cold-ms), and then again and again
// (median-ms, worst-ms).
func BenchmarkPages(b *testing.B) {
	dir := *bigDir
	if dir == "" {
		dir = b.TempDir()
	}
	paths := fillBig(b, dir)
	for _, p := range bigPages {
		b.Run(p.name, func(b *testing.B) { measure(b, dir, "/ui"+paths(p.path)) })
	}
}

func measure(b *testing.B, dir, path string) {
	if err := forget(dir); err != nil {
		b.Fatal(err)
	}
	store, err := disk.Open(dir, &disk.Options{MustExist: true})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	h := ui.New(store, access.Open(), ui.Options{Storage: storageOf(store)})
	h.Start()
	defer h.Close()
	cold, first := visit(b, h, path)
	var all []time.Duration
	for b.Loop() {
		took, _ := visit(b, h, path)
		all = append(all, took)
	}
	slices.Sort(all)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(inMilliseconds(cold), "cold-ms")
	b.ReportMetric(inMilliseconds(all[len(all)/2]), "median-ms")
	b.ReportMetric(inMilliseconds(all[len(all)-1]), "worst-ms")
	b.ReportMetric(float64(first)/1024, "KiB")
}

func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// visit asks for a page, without a network.
func visit(b *testing.B, h http.Handler, path string) (took time.Duration, size int) {
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
	w := httptest.NewRecorder()
	began := time.Now()
	h.ServeHTTP(w, r)
	took = time.Since(began)
	if w.Code != http.StatusOK {
		b.Skipf("%s: %d", path, w.Code)
	}
	return took, w.Body.Len()
}

// storageOf is what cairn serve tells of its store.
func storageOf(store *disk.Store) func(context.Context) (ui.Storage, error) {
	return func(ctx context.Context) (ui.Storage, error) {
		st, err := store.Stats(ctx)
		if err != nil {
			return ui.Storage{}, err
		}
		s := ui.Storage{Events: st.Events, Streams: st.Streams, Segments: st.Segments, LogBytes: st.LogBytes, DiskBytes: st.DiskBytes, IndexBytes: st.IndexBytes, FreeBytes: -1}
		for _, c := range st.Categories {
			s.Categories = append(s.Categories, ui.Count{Name: c.Name, Events: c.Events})
		}
		for _, c := range st.Types {
			s.Types = append(s.Types, ui.Count{Name: c.Name, Events: c.Events})
		}
		return s, nil
	}
}

// fillBig opens the store of a directory and fills it if it is empty. What it returns
// fills paths in.
func fillBig(b *testing.B, dir string) func(string) string {
	store, err := disk.Open(dir, &disk.Options{UnsafeNoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	info, err := store.Info(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if info.Head == 0 {
		writeBig(b, store)
	}
	reactBig(b, store)
	large, err := store.StreamInfo(b.Context(), bigStream)
	if err != nil {
		b.Fatal(err)
	}
	// Every tenth event is one of the huge stream, and every tenth of those one of the
	// huge correlation.
	middle := int(large.Last) * 5 / 100 * 100
	return func(path string) string {
		if !strings.Contains(path, "%") {
			return path
		}
		return fmt.Sprintf(path, middle+7, int(large.Last)/2, middle+4, middle+14)
	}
}

func writeBig(b *testing.B, store *disk.Store) {
	if *bigEvents%1000 != 0 {
		b.Fatal("-window.events is not a multiple of 1000")
	}
	start, end := time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := bigStore{store: store, events: *bigEvents, history: readHistory(b, *bigHistory), start: start, step: end.Sub(start) / time.Duration(*bigEvents)}
	if err := s.write(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// reactBig fills in those who react, unless they have.
func reactBig(b *testing.B, store *disk.Store) {
	if _, err := group.Status(b.Context(), store, lastReaction); !errors.Is(err, group.ErrUnknown) {
		return
	}
	if err := react(b.Context(), store, *bigReact); err != nil {
		b.Fatal(err)
	}
}
