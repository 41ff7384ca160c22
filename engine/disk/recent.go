package disk

import (
	"slices"
	"sync"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// recent is what the index has yet to take in: a generation being filled, and
// perhaps a frozen one on its way into the index.
//
// A reader looks at both and at the index. While the frozen generation is
// written to the index its entries are in two places, so a reader takes from
// the index only what is not behind the base of the oldest generation that it
// holds. What is below never changes.
type recent struct {
	mu     sync.RWMutex
	active *generation
	frozen *generation // nil if there is none
}

// base is the position up to which to trust the index. The caller holds mu.
func (r *recent) base() cairn.Position {
	if r.frozen != nil {
		return r.frozen.base
	}
	return r.active.base
}

// view is what a reader of some terms holds: their places in memory, oldest
// first, behind base.
type view struct {
	base   cairn.Position
	places []index.Place
}

// look returns the places of a term behind the index, up to position through.
// Of a stream it also returns the revision of the first place.
func (r *recent) look(t index.Term, through cairn.Position) (v view, first cairn.Revision) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	v.base = r.base()
	for _, g := range []*generation{r.frozen, r.active} {
		if g == nil {
			continue
		}
		places := upTo(g.places(t), through)
		if len(places) == 0 {
			continue
		}
		if len(v.places) == 0 {
			v.places = places // no copy: see upTo
			if t.Kind == index.Stream {
				first = g.streams[t.Name].first
			}
			continue
		}
		v.places = append(v.places, places...)
	}
	return v, first
}

// record returns a stream's record as of position through, if it changed behind
// the index.
func (r *recent) record(stream string, through cairn.Position) (*record, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, g := range []*generation{r.active, r.frozen} {
		if g == nil {
			continue
		}
		for _, v := range slices.Backward(g.records[stream]) {
			if v.from <= through {
				return v.record, true
			}
		}
	}
	return nil, false
}

// key returns where the batch with a key lies, if it is behind the index.
func (r *recent) key(key string) (index.Place, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if p, ok := r.active.keys[key]; ok {
		return p, true
	}
	if r.frozen != nil {
		p, ok := r.frozen.keys[key]
		return p, ok
	}
	return index.Place{}, false
}

// markAt is the last mark at or before p that is behind the index.
func (r *recent) markAt(p cairn.Position) (index.Place, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, g := range []*generation{r.active, r.frozen} {
		if g == nil {
			continue
		}
		if marks := upTo(g.marks, p); len(marks) > 0 {
			return marks[len(marks)-1], true
		}
	}
	return index.Place{}, false
}
