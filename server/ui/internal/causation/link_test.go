package causation_test

import (
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui/internal/causation"
)

func TestLinks(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"one", "a", "a"},
		{"chain", "a b<a c<b", "a(b(c))"},
		{"fan", "a b<a c<a d<a", "a(b c d)"},
		{"two levels", "a b<a c<a d<b e<c f<b", "a(b(d f) c(e))"},
		{"several roots", "a x b<a y<x c<b", "a(b(c)) x(y)"},
		{"across categories", "order/a payment/b<a stock/c<a order/d<b", "a(b(d) c)"},
		{"cause later in the log", "b<a a c<b", "a(b(c))"},

		{"orphan", "a b<lost", "a(b?)"},
		{"orphan with a child", "a b<lost c<b", "a(b?(c))"},
		{"orphan under the last root before it", "a x b<lost y", "a x(b?) y"},
		{"orphan before any root", "b<lost a c<b", "b?(c) a"},
		{"orphans without a root", "b<lost c<lost", "b? c?"},
		{"orphan between children", "a b<a c<lost d<a", "a(b c? d)"},
		{"cause that is no ID", "a b<!a", "a(b?)"},
		{"cause that is the zero ID", "a b<!00000000-0000-0000-0000-000000000000", "a(b?)"},

		{"of itself", "a<a", "a"},
		{"of itself, with a child", "x a<a b<a", "x a(b)"},
		{"cycle of two", "a<b b<a", "a?(b)"},
		{"cycle of two under a root", "x a<b b<a", "x(a?(b))"},
		{"cycle of three, against the log", "a<c c<b b<a", "a?(b(c))"},
		{"a tail of a cycle", "t<b a<b b<a u<t", "a?(b(t(u)))"},
		{"two cycles", "a<b c<d b<a d<c", "a?(b) c?(d)"},
		{"cycle that a walk entered late", "c<b a<c b<a d<b", "c?(a(b(d)))"},

		{"an ID twice: the last before", "a b<a a' c<a", "a(b) a'(c)"},
		{"an ID twice: the first behind", "c<a a a'", "a(c) a'"},
		{"an ID twice, the second its own cause", "a a'<a b<a", "a a'(b)"},
		{"an ID twice, in a cycle", "a<b b<a a'<b", "a?(b(a'))"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			last := commit(t, store, script(c.script)...)
			for at := range last { // whichever is asked about
				g := graphAt(t, store, at+1)
				if got := picture(g); got != c.want {
					t.Errorf("%s: got %s, want %s", c.script, got, c.want)
				}
				check(t, g, positions(1, last))
			}
		})
	}
}

// What names its correlation as its cause began by itself if that is a command.
func TestCauseIsTheCorrelation(t *testing.T) {
	command := id("command").String()
	text := strings.Repeat("long ", 80)
	for _, c := range []struct {
		name, correlation, cause string
		orphan                   bool
	}{
		{"an ID", command, command, false},
		{"an ID in capitals", command, strings.ToUpper(command), false},
		{"a correlation in capitals", strings.ToUpper(command), command, false},
		{"another ID", command, id("other").String(), true},
		{"text", "r1", "r1", false},
		{"text in capitals", "r1", "R1", true},
		{"long text", text, text, false},
		{"its beginning", text, text[:128], true},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			at := commit(t, store,
				write("s-1", cairn.Event{Type: "root", Metadata: metadata(c.correlation, "")}),
				write("s-1", cairn.Event{Type: "a", Metadata: metadata(c.correlation, c.cause)}))
			g := graphAt(t, store, at)
			check(t, g, positions(1, 2))
			if n := g.Nodes[1]; n.Orphan != c.orphan || n.Parent >= 0 != c.orphan {
				t.Errorf("got %+v, want orphan %v", n, c.orphan)
			}
		})
	}
}

func TestNodeKeepsTheEventWithoutItsBody(t *testing.T) {
	store := newStore(t)
	at := commit(t, store, write("order-1", cairn.Event{
		ID: id("a"), Type: "placed", Data: []byte("{}"), Metadata: metadata(correlation, "the button"), Tags: []string{"x"},
	}))
	g := graphAt(t, store, at)
	n := g.Nodes[0]
	if e := n.Event; e.ID != id("a") || e.Type != "placed" || e.Stream != "order-1" || e.Position != at || e.Time.IsZero() || len(e.Tags) != 1 {
		t.Errorf("got %+v", e)
	}
	if n.Event.Data != nil || n.Event.Metadata != nil {
		t.Error("the node holds on to the event's body")
	}
	if g.Correlation != correlation || n.Cause != "the button" || n.Category != "order" {
		t.Errorf("got %q, %+v", g.Correlation, n)
	}
	if found := g.Find(at + 1); found != -1 {
		t.Errorf("Find(%d) = %d", at+1, found)
	}
	var none causation.Graph
	if found := none.Find(at); found != -1 {
		t.Errorf("in no graph: %d", found)
	}
}
