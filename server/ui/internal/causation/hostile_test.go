package causation_test

import (
	"context"
	"iter"
	"runtime"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui/internal/causation"
)

// Metadata that does not say in the way that is agreed what the event belongs to
// says nothing: the event is alone, and other graphs are as without it.
func TestMetadataThatSaysNothing(t *testing.T) {
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for name, text := range map[string]string{
		"nothing":              ``,
		"text":                 `not JSON, but "$correlationId" and "$causationId"`,
		"null":                 `null`,
		"a string":             `"{\"$correlationId\":\"request 1\"}"`,
		"an array":             `[{"$correlationId":"request 1"}]`,
		"a number":             `{"$correlationId":1,"$causationId":2}`,
		"null IDs":             `{"$correlationId":null,"$causationId":null}`,
		"an object":            `{"$correlationId":{"$correlationId":"request 1"},"$causationId":{}}`,
		"a list":               `{"$correlationId":["request 1"],"$causationId":["request 1"]}`,
		"empty IDs":            `{"$correlationId":"","$causationId":""}`,
		"within":               `{"a":{"$correlationId":"request 1","$causationId":"x"}}`,
		"cut off":              `{"$correlationId":"request 1","$causationId":"x"`,
		"two objects":          `{"$correlationId":"request 1"}{"$correlationId":"request 1"}`,
		"broken UTF-8":         "{\"$correlationId\":\"request 1\xff\",\"$causationId\":\"\xff\"}",
		"the last counts":      `{"$correlationId":"request 1","$causationId":"x","$correlationId":1,"$causationId":2}`,
		"a long correlation":   `{"$correlationId":"` + strings.Repeat("r", cairn.MaxTag) + `"}`,
		"deep":                 `{"$correlationId":` + deep + `,"$causationId":` + deep + `}`,
		"zeros":                "{\"$correlationId\"\x00:\"request 1\"}",
		"keys in another case": `{"$CORRELATIONID":"request 1","$CausationId":"x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			hostile := cairn.Event{ID: id("hostile"), Type: "hostile", Metadata: []byte(text)}
			last := commit(t, store, append(script("a b<a"), write("s-hostile", hostile))...)

			g := graphAt(t, store, last)
			check(t, g, positions(last, last))
			if n := g.Nodes[0]; n.Orphan || n.Cause != "" || g.Correlation != hostile.ID.String() {
				t.Errorf("got %+v of %q", n, g.Correlation)
			}
			if got := picture(graphAt(t, store, 1)); got != "a(b)" {
				t.Errorf("the others are %s", got)
			}
		})
	}
}

// Metadata that says something odd is taken at its word, within bounds.
func TestOddMetadata(t *testing.T) {
	for _, c := range []struct{ name, cause, kept string }{
		{"markup", "<script>alert(1)</script>", "<script>alert(1)</script>"},
		{"control characters", "a\x00b\n\u202e", "a\x00b\n\u202e"},
		{"just as long as is kept", strings.Repeat("x", 128), strings.Repeat("x", 128)},
		{"one longer", strings.Repeat("x", 129), strings.Repeat("x", 128)},
		{"cut between characters", "x" + strings.Repeat("é", 100), "x" + strings.Repeat("é", 63)},
		{"an ID and more", id("a").String() + "0", id("a").String() + "0"},
		{"an ID in braces", "{" + id("a").String() + "}", "{" + id("a").String() + "}"},
		{"an ID after a space", " " + id("a").String(), " " + id("a").String()},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			odd := write("s-odd", cairn.Event{Type: "odd", Metadata: metadata(correlation, c.cause)})
			last := commit(t, store, append(script("a b<a"), odd)...)
			g := graphAt(t, store, last)
			check(t, g, positions(1, last))
			if got := picture(g); got != "a(b odd?)" {
				t.Errorf("got %s", got)
			}
			if got := g.Nodes[g.Find(last)].Cause; got != c.kept {
				t.Errorf("kept %q, want %q", got, c.kept)
			}
		})
	}
}

// An ID in capitals is the same ID.
func TestCauseInCapitals(t *testing.T) {
	store := newStore(t)
	a := cairn.ID{0xab, 0xcd, 0xef}
	last := commit(t, store,
		write("s-a", cairn.Event{ID: a, Type: "a", Metadata: metadata(correlation, "")}),
		write("s-b", cairn.Event{Type: "b", Metadata: metadata(correlation, strings.ToUpper(a.String()))}))
	if got := picture(graphAt(t, store, last)); got != "a(b)" {
		t.Errorf("got %s", got)
	}
}

// What metadata says at length is not held in memory, not even until all events
// are read. That would be 64 MB here.
func TestHugeCausesAreNotKept(t *testing.T) {
	store := newStore(t)
	huge := metadata(correlation, strings.Repeat("x", 4<<20))
	for range 16 {
		commit(t, store, write("s-a", cairn.Event{Type: "a", Metadata: huge}))
	}
	before := heap()
	g := graphAt(t, &weighing{LogReader: store, check: func() {
		if kept := heap() - before; kept > 16<<20 {
			t.Errorf("%d bytes are kept while the log is read", kept)
		}
	}}, 1)
	if kept := heap() - before; kept > 16<<20 {
		t.Errorf("the graph keeps %d bytes", kept)
	}
	check(t, g, positions(1, 16))
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A weighing log calls check at the end of each read.
type weighing struct {
	cairn.LogReader
	check func()
}

func (w *weighing) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		w.LogReader.ReadAll(ctx, o)(yield)
		w.check()
	}
}

// A stream's name may be anything as well.
func TestOddStreams(t *testing.T) {
	store := newStore(t)
	var writes []cairn.Write
	for _, stream := range []string{"-1", "-", "$odd-1", "<b>-1", "line\nbreak-2", strings.Repeat("s", cairn.MaxStreamName), "order", "order-1"} {
		writes = append(writes, write(stream, cairn.Event{Type: "a", Metadata: metadata(correlation, "")}))
	}
	last := commit(t, store, writes...)
	g := graphAt(t, store, last)
	check(t, g, positions(1, last))
	if want := (causation.Lane{Category: "", Row: 0, Rows: 2}); g.Lanes[0] != want || len(g.Lanes) != 6 {
		t.Errorf("got %d lanes, the first is %+v", len(g.Lanes), g.Lanes[0])
	}
}
