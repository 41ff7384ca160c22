package disk

import (
	"testing"

	"github.com/cairndb/cairn"
)

// chunks are of two positions and ten bytes, with a gap in between every third.
func chunks(n int) (all []*chunk) {
	at := address(100)
	for i := range n {
		if i%3 == 2 {
			at += 1 << 32
		}
		first := cairn.Position(2*i + 1)
		all = append(all, &chunk{first: first, last: first + 1, at: at, buf: make([]byte, 10)})
		at += 10
	}
	return all
}

func TestTailKeepsTheNewest(t *testing.T) {
	for _, test := range []struct{ limit, pushed, kept int }{
		{0, 0, 0}, {0, 1, 1}, {0, 5, 1}, {9, 5, 1}, {10, 5, 1}, {25, 1, 1}, {25, 50, 2}, {1000, 50, 50}, {100, 1000, 10},
	} {
		tail, all := tail{limit: int64(test.limit)}, chunks(test.pushed)
		for _, c := range all {
			tail.push(c)
		}
		for i, c := range all {
			var want *chunk
			if i >= test.pushed-test.kept {
				want = c
			}
			for _, p := range []cairn.Position{c.first, c.last} {
				if got := tail.holding(p); got != want {
					t.Errorf("%+v: chunk %d of position %d: got %v", test, i, p, got)
				}
			}
			for _, at := range []address{c.at, c.at + 9} {
				if got := tail.covering(at); got != want {
					t.Errorf("%+v: chunk %d at %d: got %v", test, i, at, got)
				}
			}
		}
		beyond := cairn.Position(2*test.pushed + 1)
		if tail.holding(beyond) != nil || tail.holding(0) != nil || tail.covering(99) != nil || tail.covering(1<<60) != nil {
			t.Errorf("%+v: it holds what there is not", test)
		}
	}
}

func TestTailKnowsGaps(t *testing.T) {
	tail, all := tail{limit: 1000}, chunks(5)
	for _, c := range all {
		tail.push(c)
	}
	if c := tail.covering(all[1].at + 10); c != nil {
		t.Errorf("behind the end of a segment: %+v", c)
	}
	if c := tail.covering(all[2].at - 1); c != nil {
		t.Errorf("before the start of a segment: %+v", c)
	}
}
