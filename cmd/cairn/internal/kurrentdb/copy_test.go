package kurrentdb_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cairntest"
	"github.com/cairndb/cairn/cmd/cairn/internal/kurrentdb"
	"github.com/cairndb/cairn/engine/disk"
)

func memory(t *testing.T) cairn.Store {
	t.Helper()
	s, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// serve is a KurrentDB: our own, in its protocol.
func serve(t *testing.T) (*kurrentdb.DB, cairn.Store) {
	t.Helper()
	s := cairntest.Start(t)
	db, err := kurrentdb.Open(s.KurrentDB())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, s.Store()
}

// settle fills a store with a history in which everything happens that can.
func settle(t *testing.T, s cairn.Store) {
	t.Helper()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	at := time.Date(2020, 1, 2, 3, 4, 5, 678_900, time.UTC)
	write := func(stream string, n int) {
		t.Helper()
		for i := range n {
			e := cairn.Event{Type: "happened", Data: fmt.Appendf(nil, `{"n":%d}`, i), Metadata: []byte(`{"by":"ann"}`), Time: at}
			must(s.Append(t.Context(), stream, cairn.Any, e))
		}
	}
	for n := range 700 {
		write(fmt.Sprintf("order-%d", n%50), 1)
	}
	write("plain", 600)
	must(s.Append(t.Context(), "odd", cairn.Any,
		cairn.Event{Type: "photo", Format: cairn.Binary, Data: []byte{0, 255, 1}, Time: at}, cairn.Event{Type: "empty", Time: at},
		cairn.Event{Type: "$>", Data: []byte("3@plain"), Time: at}, cairn.Event{Type: "large", Data: []byte(`"` + strings.Repeat("x", 700<<10) + `"`), Time: at}))
	must(cairn.SetMetadata(t.Context(), s, "limited", cairn.NoStream, cairn.StreamMetadata{MaxCount: 2, Custom: map[string]json.RawMessage{"owner": json.RawMessage(`"ann"`)}}))
	write("limited", 5)
	write("truncated", 10)
	must(cairn.Truncate(t.Context(), s, "truncated", 4))
	write("deleted", 3)
	must(cairn.DeleteStream(t.Context(), s, "deleted", 2))
	write("revived", 3)
	must(cairn.DeleteStream(t.Context(), s, "revived", 2))
	write("revived", 2)
	write("closed", 3)
	must(cairn.TombstoneStream(t.Context(), s, "closed", 2))
	must(cairn.TombstoneStream(t.Context(), s, "never", cairn.Any))
	write("$mine", 2)
	must(cairn.SetMetadata(t.Context(), s, "$mine", cairn.NoStream, cairn.StreamMetadata{MaxCount: 7}))
	write("plain", 100)
}

// settled is what settle leaves, without what the system owns.
const settled = 700 + 600 + 4 + 5 + 10 + 3 + 5 + 3 + 100

// streams are those that settle leaves.
var streams = []string{"order-7", "plain", "odd", "limited", "truncated", "deleted", "revived", "closed", "never"}

// alike holds two stores to the same events in the same streams.
func alike(t *testing.T, a, b cairn.Store, times bool) {
	t.Helper()
	for _, stream := range streams {
		x, err1 := a.StreamInfo(t.Context(), stream)
		y, err2 := b.StreamInfo(t.Context(), stream)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if x.State != y.State || x.Last != y.Last || x.First != y.First || x.Metadata.MaxCount != y.Metadata.MaxCount {
			t.Errorf("%s: %+v and %+v", stream, x, y)
		}
		one, two := events(t, a, stream), events(t, b, stream)
		if len(one) != len(two) {
			t.Errorf("%s: %d events and %d", stream, len(one), len(two))
			continue
		}
		for i := range one {
			p, q := one[i], two[i]
			if p.Type != cairn.TypeStreamDeleted && (p.ID != q.ID || times && !p.Time.Equal(q.Time)) || p.Revision != q.Revision || p.Type != q.Type || p.Format != q.Format ||
				string(p.Data) != string(q.Data) || string(p.Metadata) != string(q.Metadata) {
				t.Errorf("%s: %+v and %+v", stream, p, q)
			}
		}
	}
}

func events(t *testing.T, s cairn.Store, stream string) []cairn.Recorded {
	t.Helper()
	all, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{Query: cairn.Query{{Streams: []string{stream}}}}))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t *testing.T, r kurrentdb.Report, err error) {
	t.Helper()
	if err != nil || !r.Compared || len(r.Differ) > 0 || r.Events != settled || r.There != settled || r.Sum != r.SumOf || r.Sum == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestImport(t *testing.T) {
	db, from := serve(t)
	settle(t, from)
	to := memory(t)
	r, err := kurrentdb.Import(t.Context(), db, to, kurrentdb.Options{})
	same(t, r, err)
	alike(t, from, to, true)
	if got := events(t, to, "$mine"); len(got) > 0 {
		t.Errorf("%d events of the system's were copied", len(got))
	}
	again, err := kurrentdb.Import(t.Context(), db, to, kurrentdb.Options{})
	same(t, again, err)
	if again.Stored != 0 || again.Known != r.Stored+r.Known || again.Sum != r.Sum {
		t.Errorf("again: %+v, after %+v", again, r)
	}
}

func TestExport(t *testing.T) {
	from := memory(t)
	settle(t, from)
	db, to := serve(t)
	r, err := kurrentdb.Export(t.Context(), from, cairn.AllOptions{}, db, kurrentdb.Options{})
	same(t, r, err)
	alike(t, from, to, false)
	again, err := kurrentdb.Export(t.Context(), from, cairn.AllOptions{}, db, kurrentdb.Options{})
	same(t, again, err)
	if again.Stored != 0 || again.Known != r.Stored+r.Known {
		t.Errorf("again: %+v, after %+v", again, r)
	}
}

// TestInterrupted: a copy that ends in the middle, wherever, goes on there.
func TestInterrupted(t *testing.T) {
	db, from := serve(t)
	settle(t, from)
	for name, run := range map[string]func(ctx context.Context, to cairn.Store, back *kurrentdb.DB, o kurrentdb.Options) (kurrentdb.Report, error){
		"import": func(ctx context.Context, to cairn.Store, _ *kurrentdb.DB, o kurrentdb.Options) (kurrentdb.Report, error) {
			return kurrentdb.Import(ctx, db, to, o)
		},
		"export": func(ctx context.Context, _ cairn.Store, back *kurrentdb.DB, o kurrentdb.Options) (kurrentdb.Report, error) {
			return kurrentdb.Export(ctx, from, cairn.AllOptions{}, back, o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			back, to := serve(t)
			if name == "import" {
				to = memory(t)
			}
			ctx, stop := context.WithCancel(t.Context())
			r, err := run(ctx, to, back, kurrentdb.Options{Progress: func(int64, bool) { stop() }}) // the thousandth event
			if !errors.Is(err, context.Canceled) || r.Compared || r.Stored == 0 && name == "export" {
				t.Fatalf("%+v, %v", r, err)
			}
			before, err := to.Info(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r, err = run(t.Context(), to, back, kurrentdb.Options{})
			same(t, r, err)
			alike(t, from, to, name == "import")
			if r.Known == 0 || before.Head == 0 {
				t.Errorf("nothing was kept of the first run: %+v", r)
			}
		})
	}
}

// TestSystem: streams of the system are copied if they are wanted.
func TestSystem(t *testing.T) {
	db, from := serve(t)
	settle(t, from)
	to := memory(t)
	r, err := kurrentdb.Import(t.Context(), db, to, kurrentdb.Options{System: true})
	if err != nil || len(r.Differ) > 0 || r.Events <= settled {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := events(t, to, "$mine"); len(got) != 2 {
		t.Errorf("%d events of the system's", len(got))
	}
}

func TestDryRun(t *testing.T) {
	db, s := serve(t)
	from, to := memory(t), memory(t)
	settle(t, from)
	info, _ := s.Info(t.Context())
	r, err := kurrentdb.Export(t.Context(), from, cairn.AllOptions{}, db, kurrentdb.Options{DryRun: true})
	if after, _ := s.Info(t.Context()); err != nil || r.Stored == 0 || r.Compared || after.Head != info.Head {
		t.Errorf("%+v, %v", r, err)
	}
	settle(t, s)
	r, err = kurrentdb.Import(t.Context(), db, to, kurrentdb.Options{DryRun: true})
	if after, _ := to.Info(t.Context()); err != nil || r.Stored == 0 || r.Compared || after.Head != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestDifferences: what is not the same is found and named.
func TestDifferences(t *testing.T) {
	db, from := serve(t)
	put := func(s cairn.Store, stream, kind, data string) {
		t.Helper()
		id := cairn.ID{1, byte(len(stream)), byte(len(data))}
		if _, err := s.Append(t.Context(), stream, cairn.Any, cairn.Event{ID: id, Type: kind, Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, stream := range []string{"a", "bb", "ccc", "dddd"} {
		put(from, stream, "t", "1")
	}
	to := memory(t)
	put(to, "bb", "t", "22")  // one more
	put(to, "ccc", "t", "2")  // another of the same ID
	put(to, "other", "t", "") // does not matter
	if _, err := cairn.SetMetadata(t.Context(), to, "dddd", cairn.Any, cairn.StreamMetadata{MaxCount: 3}); err != nil {
		t.Fatal(err)
	}
	r, err := kurrentdb.Import(t.Context(), db, to, kurrentdb.Options{})
	if err != nil || len(r.Differ) != 3 || r.Differ[0].Stream != "bb" || r.Differ[1].Stream != "ccc" || r.Differ[2].Stream != "dddd" {
		t.Fatalf("%+v, %v", r, err)
	}
	for i, what := range []string{"1 events, and 2 in the copy", "1 events, and others in the copy", `metadata {}, and {"$maxCount":3}`} {
		if !strings.HasPrefix(r.Differ[i].What, what) {
			t.Errorf("%s: %s", r.Differ[i].Stream, r.Differ[i].What)
		}
	}
}

// TestExportIntoStreamsOfOthers is refused.
func TestExportIntoStreamsOfOthers(t *testing.T) {
	from := memory(t)
	settle(t, from)
	db, to := serve(t)
	if _, err := to.Append(t.Context(), "plain", cairn.Any, cairn.Event{Type: "theirs"}); err != nil {
		t.Fatal(err)
	}
	_, err := kurrentdb.Export(t.Context(), from, cairn.AllOptions{}, db, kurrentdb.Options{})
	if !errors.Is(err, kurrentdb.ErrOthers) || !strings.Contains(err.Error(), `"plain"`) {
		t.Fatal(err)
	}
}

// TestExportIntoWhatOthersWriteTo: a copy does not go on in a stream that
// somebody else has written to since.
func TestExportIntoWhatOthersWriteTo(t *testing.T) {
	from := memory(t)
	settle(t, from)
	db, to := serve(t)
	if _, err := kurrentdb.Export(t.Context(), from, cairn.AllOptions{}, db, kurrentdb.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Append(t.Context(), "order-7", cairn.Any, cairn.Event{Type: "theirs"}); err != nil {
		t.Fatal(err)
	}
	if _, err := from.Append(t.Context(), "order-7", cairn.Any, cairn.Event{Type: "ours"}); err != nil {
		t.Fatal(err)
	}
	r, err := kurrentdb.Export(t.Context(), from, cairn.AllOptions{}, db, kurrentdb.Options{})
	if !errors.Is(err, kurrentdb.ErrOthers) || r.Known == 0 || r.Stored != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestExportInParts: what is not behind a position is there already.
func TestExportInParts(t *testing.T) {
	from := memory(t)
	settle(t, from)
	db, to := serve(t)
	if _, err := kurrentdb.Export(t.Context(), from, cairn.AllOptions{Before: 801}, db, kurrentdb.Options{}); err != nil {
		t.Fatal(err)
	}
	r, err := kurrentdb.Export(t.Context(), from, cairn.AllOptions{After: 800}, db, kurrentdb.Options{})
	same(t, r, err)
	alike(t, from, to, false)
}

func TestOpenKeepsThePassword(t *testing.T) {
	for _, url := range []string{"kurrentdb://ann:secret@host:bad", "kurrentdb://ann:secret@%zz", "nothing://ann:secret@host", "kurrentdb://ann:secret@host?tls=maybe"} {
		if _, err := kurrentdb.Open(url); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if !kurrentdb.Names("esdb://x") || kurrentdb.Names("cairn://x") || kurrentdb.Names("kurrentdb") {
		t.Error("names the wrong ones")
	}
}
