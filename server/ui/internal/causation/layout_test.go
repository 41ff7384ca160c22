package causation_test

import (
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/ui/internal/causation"
)

func TestLayout(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"one", "a", "a"},
		{"a chain is a straight line", "a b<a c<b", "a b c"},
		{"siblings below each other", "a b<a c<a d<a", "a b|. c|. d"},
		{"grandchildren beside their parents", "a b<a c<a d<c", "a b .|. c d"},
		{"grandchildren push others down", "a b<a c<a d<b e<b f<c", "a b d|. c e|. . f"},
		{"roots below each other", "a x b<x", "a .|x b"},
		{"no space for what is not there", "a b<a x y<x", "a b|x y"},
		{"a lane for each category, as they come", "order/a payment/b<a stock/c<b", "a . .|. b .|. . c"},
		{"back in its lane", "order/a payment/b<a order/c<b", "a . c|. b ."},
		{"lanes share no rows", "order/a order/b<a order/c<a payment/d<a", "a b|. c|. d"},
		{"two in one lane from two others", "x/a y/b<a z/c<b x/d<a z/e<d", "a d .|. b .|. . c|. . e"},
		{"an orphan is a child", "a b<a c<lost", "a b|. c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			last := commit(t, store, script(c.script)...)
			g := graphAt(t, store, last)
			check(t, g, positions(1, last))
			if got := grid(g); got != c.want {
				t.Errorf("%s: got %s, want %s", c.script, got, c.want)
			}
		})
	}
}

// grid writes the rows, with a dot for an empty cell.
func grid(g *causation.Graph) string {
	rows := make([]string, g.Rows)
	for row := range rows {
		cells := strings.Fields(strings.Repeat(". ", g.Columns))
		for i := range g.Nodes {
			if g.Nodes[i].Row == row {
				cells[g.Nodes[i].Column] = g.Nodes[i].Event.Type
			}
		}
		rows[row] = strings.Join(cells, " ")
	}
	return strings.Join(rows, "|")
}
