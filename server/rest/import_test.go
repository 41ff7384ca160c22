package rest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
	"github.com/cairndb/cairn/server/rest"
)

type imported struct {
	Lines, Stored, Duplicates, Invalid int
	Errors                             []struct {
		Line  int
		Error string
	}
}

func eventID(n int) string { return fmt.Sprintf("266a1bd3-2d87-4005-9efe-%012x", n) }

func lineOf(n int, stream, kind string) string {
	return fmt.Sprintf(`{"id":"%s","stream":%q,"type":%q,"data":{"n":%d},"created":"2024-05-01T10:00:00Z"}`+"\n", eventID(n), stream, kind, n)
}

func many(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		b.WriteString(lineOf(n, fmt.Sprintf("s-%d", n%7), "T"))
	}
	return b.String()
}

func TestImport(t *testing.T) {
	w := newWorld(t)
	a := w.want(w.do("POST", "/import", many(0, 2000), "Content-Type", lines), 200)
	if a.body != `{"lines":2000,"stored":2000,"duplicates":0,"invalid":0}` {
		t.Fatalf("got %s", a.body)
	}
	a = w.want(w.do("POST", "/import", many(1000, 2500), "Content-Type", "application/jsonl; charset=utf-8"), 200)
	if got := unmarshal[imported](t, a); got.Stored != 500 || got.Duplicates != 1000 {
		t.Errorf("got %+v", got)
	}
	a = w.want(w.do("POST", "/import?dryRun", many(2500, 2510), "Content-Type", lines), 200)
	if info, err := w.store.Info(t.Context()); err != nil || info.Head != 2500 {
		t.Errorf("a dry run stored something: %s, %+v, %v", a.body, info, err)
	}
}

// TestImportOfExport holds that what one store exports, or gives as lines, makes
// another one the same: hidden events, tombstones, any bytes.
func TestImportOfExport(t *testing.T) {
	w := newWorld(t)
	for _, e := range []cairn.Event{
		{Type: "json", Data: []byte("{\n \"a\": 1.0\n}"), Metadata: []byte(`{"by":"me"}`)},
		{Type: "bytes", Data: []byte{0, 255}, Format: cairn.Binary, Tags: []string{"a", "b"}},
		{Type: "null", Data: []byte("null"), Metadata: []byte("\xff")},
		{Type: "none", Format: cairn.Avro},
	} {
		if _, err := w.store.Append(t.Context(), "s", cairn.Any, e); err != nil {
			t.Fatal(err)
		}
	}
	w.put("closed", "a")
	w.put("gone", "a")
	w.want(w.do("PUT", "/streams/s/metadata", `{"$maxCount":2}`), 201)
	w.want(w.do("DELETE", "/streams/gone", ""), 200)
	w.want(w.do("DELETE", "/streams/closed?tombstone", ""), 200)

	exported := w.want(w.do("GET", "/events", "", "Accept", lines), 200).body
	if want := dump(t, w.store, ndjson.AppendPlaced); exported != want {
		t.Fatalf("got  %s\nwant %s", exported, want)
	}
	for name, text := range map[string]string{"lines": exported, "export": dump(t, w.store, ndjson.Append)} {
		other := newWorld(t)
		other.want(other.do("POST", "/import", text, "Content-Type", lines), 200)
		for _, stream := range []string{"s", "$$s", "gone", "$$gone"} {
			if got, want := read(t, other.store, stream), read(t, w.store, stream); got != want {
				t.Errorf("%s: stream %s\n got %s\nwant %s", name, stream, got, want)
			}
		}
		other.problem(other.do("GET", "/streams/closed", ""), 410, "deleted")
	}
}

func dump(t *testing.T, s cairn.LogReader, write func([]byte, *cairn.Recorded) []byte) string {
	t.Helper()
	var b []byte
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		b = append(write(b, &e), '\n')
	}
	return string(b)
}

func read(t *testing.T, s cairn.StreamReader, stream string) string {
	t.Helper()
	var b []byte
	for e, err := range s.ReadStream(t.Context(), stream, cairn.ReadOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		b = append(ndjson.Append(b, &e), '\n')
	}
	return string(b)
}

func TestImportStopsAtBrokenLine(t *testing.T) {
	w := newWorld(t)
	text := many(0, 3) + "\n" + `{"id":"x"}` + "\n" + many(3, 5)
	p := w.problem(w.do("POST", "/import", text, "Content-Type", lines), 400, "invalid")
	if p.Line != 5 || p.Import.Stored != 3 || !strings.HasPrefix(p.Detail, `line 5: id: "x" is not a UUID`) {
		t.Errorf("got %+v", p)
	}
	a := w.want(w.do("POST", "/import?skipInvalid=true", text, "Content-Type", lines), 200)
	if got := unmarshal[imported](t, a); got.Stored != 2 || got.Duplicates != 3 || got.Invalid != 1 || len(got.Errors) != 1 || got.Errors[0].Line != 5 {
		t.Errorf("got %+v", got)
	}
	a = w.want(w.do("POST", "/import?skipInvalid", strings.Repeat("{}\n", 30), "Content-Type", lines), 200)
	if got := unmarshal[imported](t, a); got.Invalid != 30 || len(got.Errors) != 20 {
		t.Errorf("got %d invalid, %d listed", got.Invalid, len(got.Errors))
	}
	if p := w.problem(w.do("POST", "/import?skip=1", "{}", "Content-Type", lines), 400, "invalid"); p.Field != "skip" {
		t.Errorf("got %+v", p)
	}
}

func TestImportIsBounded(t *testing.T) {
	w := withOptions(t, rest.Options{ImportMemory: 600})
	p := w.problem(w.do("POST", "/import", many(0, 2000), "Content-Type", lines), 413, "too-large")
	if p.Limit != 600 || p.Import.Stored < 512 {
		t.Errorf("got %+v", p)
	}
}
