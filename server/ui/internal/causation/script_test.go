package causation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/ui/internal/causation"
)

// correlation is what the events of a script belong to.
const correlation = "request 1"

func newStore(t testing.TB) *disk.Store {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// commit writes events and returns the position of the last.
func commit(t testing.TB, store cairn.Store, writes ...cairn.Write) cairn.Position {
	t.Helper()
	r, err := store.Commit(t.Context(), cairn.Batch{Writes: writes})
	if err != nil {
		t.Fatal(err)
	}
	return r.Position
}

func graphAt(t testing.TB, log cairn.LogReader, at cairn.Position) *causation.Graph {
	t.Helper()
	g, err := causation.Of(t.Context(), log, at)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// script makes an event of each word, such as "c" or "order/c<a": the type, which
// is its ID as well, the category of its stream before it, and its cause behind
// it. The types "c" and "c'" share an ID. A cause is an event's, or else text
// behind a "!".
func script(words string) (writes []cairn.Write) {
	for word := range strings.FieldsSeq(words) {
		name, cause, caused := strings.Cut(word, "<")
		category, typ, ok := strings.Cut(name, "/")
		if !ok {
			category, typ = "s", name
		}
		if text, ok := strings.CutPrefix(cause, "!"); ok {
			cause = text
		} else if caused {
			cause = id(cause).String()
		}
		writes = append(writes, write(category+"-"+typ, cairn.Event{ID: id(typ), Type: typ, Metadata: metadata(correlation, cause)}))
	}
	return writes
}

func id(name string) (id cairn.ID) {
	copy(id[:], strings.TrimRight(name, "'"))
	return id
}

func write(stream string, e cairn.Event) cairn.Write {
	return cairn.Write{Stream: stream, Expected: cairn.Any, Events: []cairn.Event{e}}
}

// metadata leaves out what is empty.
func metadata(correlation, cause string) []byte {
	m := map[string]string{}
	if correlation != "" {
		m[cairn.CorrelationKey] = correlation
	}
	if cause != "" {
		m[cairn.CausationKey] = cause
	}
	b, _ := json.Marshal(m)
	return b
}

// picture writes the trees as text: "a(b(d) c?)" is a, which led to b, which led
// to d, and the orphan c, which hangs under a.
func picture(g *causation.Graph) string {
	var draw func(i int) string
	list := func(is []int) string {
		texts := make([]string, len(is))
		for k, i := range is {
			texts[k] = draw(i)
		}
		return strings.Join(texts, " ")
	}
	draw = func(i int) string {
		text := g.Nodes[i].Event.Type
		if g.Nodes[i].Orphan {
			text += "?"
		}
		if len(g.Nodes[i].Children) > 0 {
			text += "(" + list(g.Nodes[i].Children) + ")"
		}
		return text
	}
	var roots []int
	for i := range g.Nodes {
		if g.Nodes[i].Parent < 0 {
			roots = append(roots, i)
		}
	}
	return list(roots)
}
