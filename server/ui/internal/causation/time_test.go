package causation_test

import (
	"math"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

func TestTimes(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, c := range []struct {
		name, script string
		at           []time.Duration // since 1970
		parent, root []time.Duration
	}{
		{"chain", "a b<a c<b", []time.Duration{5, 7, 12}, []time.Duration{0, 2, 5}, []time.Duration{0, 2, 7}},
		{"fan", "a b<a c<a", []time.Duration{5, 7, 12}, []time.Duration{0, 2, 7}, []time.Duration{0, 2, 7}},
		{"no time at all", "a b<a", []time.Duration{5, 5}, []time.Duration{0, 0}, []time.Duration{0, 0}},
		{"two trees", "a x b<a y<x", []time.Duration{5, 8, 10, 20}, []time.Duration{0, 0, 5, 12}, []time.Duration{0, 0, 5, 12}},
		{"before its cause", "a b<a c<b", []time.Duration{5, 3, 4}, []time.Duration{0, -2, 1}, []time.Duration{0, -2, -1}},
		{"orphan", "a b<a c<lost", []time.Duration{5, 7, 12}, []time.Duration{0, 2, 7}, []time.Duration{0, 2, 7}},
		{"cycle", "a<b b<a", []time.Duration{5, 9}, []time.Duration{0, 4}, []time.Duration{0, 4}},
		{"centuries", "a b<a c<b", []time.Duration{-290 * year, 0, 290 * year},
			[]time.Duration{0, 290 * year, 290 * year}, []time.Duration{0, 290 * year, math.MaxInt64}},
		{"centuries there and back", "a b<a c<b", []time.Duration{-290 * year, 290 * year, -290*year + 1},
			[]time.Duration{0, math.MaxInt64, math.MinInt64}, []time.Duration{0, math.MaxInt64, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			writes := script(c.script)
			for i := range writes {
				writes[i].Events[0].Time = time.Unix(0, 0).Add(c.at[i])
			}
			last := commit(t, store, writes...)
			g := graphAt(t, store, 1)
			check(t, g, positions(1, last))
			for i := range writes {
				n := g.Nodes[g.Find(cairn.Position(i+1))]
				if n.SinceParent != c.parent[i] || n.SinceRoot != c.root[i] {
					t.Errorf("%s: %v since its parent, want %v; %v since its root, want %v",
						n.Event.Type, n.SinceParent, c.parent[i], n.SinceRoot, c.root[i])
				}
			}
		})
	}
}
