package disk

import (
	"container/heap"
	"sort"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// A source yields places in the order of their positions, or backward.
type source interface {
	// seek goes to the first place at or behind p; backward, to the last at
	// or before it.
	seek(p cairn.Position) (index.Place, bool)
	next() (index.Place, bool)
	close() error // says what went wrong, if something did
}

// A term yields the places of a term: those in the index up to base, and those
// in memory behind it.
type term struct {
	view
	name     index.Term
	index    *index.Index
	cursor   *index.Cursor // nil until it is needed
	backward bool
	inMemory bool
	i        int // of the current place in memory
}

func (s *Store) term(t index.Term, sp span) source {
	v, _ := s.indexer.recent.look(t, sp.through)
	return &term{view: v, name: t, index: s.index, backward: sp.backward}
}

// indexed seeks in the index.
func (t *term) indexed(p cairn.Position) (index.Place, bool) {
	if t.base == 0 {
		return index.Place{}, false
	}
	if t.cursor == nil {
		t.cursor = t.index.Cursor(t.name, t.backward)
	}
	place, ok := t.cursor.Seek(p)
	return place, ok && place.Position <= t.base
}

func (t *term) seek(p cairn.Position) (index.Place, bool) {
	if !t.backward {
		if p <= t.base {
			t.inMemory = false
			if place, ok := t.indexed(p); ok {
				return place, true
			}
		}
		t.inMemory, t.i = true, sort.Search(len(t.places), func(i int) bool { return t.places[i].Position >= p })
		return t.memory()
	}
	t.inMemory, t.i = true, sort.Search(len(t.places), func(i int) bool { return t.places[i].Position > p })-1
	if place, ok := t.memory(); ok {
		return place, true
	}
	t.inMemory = false
	return t.indexed(min(p, t.base))
}

func (t *term) memory() (index.Place, bool) {
	if t.i < 0 || t.i >= len(t.places) {
		return index.Place{}, false
	}
	return t.places[t.i], true
}

func (t *term) next() (index.Place, bool) {
	switch {
	case t.backward && !t.inMemory && t.cursor != nil:
		return t.cursor.Next()
	case t.backward && !t.inMemory:
		return index.Place{}, false
	case t.backward:
		t.i--
		if place, ok := t.memory(); ok {
			return place, true
		}
		t.inMemory = false
		return t.indexed(t.base)
	case !t.inMemory && t.cursor != nil:
		if place, ok := t.cursor.Next(); ok && place.Position <= t.base {
			return place, true
		}
		t.inMemory, t.i = true, 0
		return t.memory()
	}
	t.i++
	return t.memory()
}

func (t *term) close() error {
	if t.cursor == nil {
		return nil
	}
	err := t.cursor.Err()
	if closed := t.cursor.Close(); err == nil {
		err = closed
	}
	return err
}

// A single yields one place.
type single struct {
	place    index.Place
	backward bool
}

func (s *single) seek(p cairn.Position) (index.Place, bool) {
	return s.place, s.place.Position == p || s.place.Position > p != s.backward
}

func (s *single) next() (index.Place, bool) { return index.Place{}, false }
func (s *single) close() error              { return nil }

// A union yields the places of any of its sources, each once.
type union struct {
	sources  []source
	heads    []head // a heap
	backward bool
}

type head struct {
	place  index.Place
	source source
}

func newUnion(sources []source, backward bool) source {
	if len(sources) == 1 {
		return sources[0]
	}
	return &union{sources: sources, backward: backward}
}

func (u *union) Len() int      { return len(u.heads) }
func (u *union) Swap(i, j int) { u.heads[i], u.heads[j] = u.heads[j], u.heads[i] }
func (u *union) Push(x any)    { u.heads = append(u.heads, x.(head)) }

func (u *union) Less(i, j int) bool {
	a, b := u.heads[i].place.Position, u.heads[j].place.Position
	return a != b && a < b != u.backward
}

func (u *union) Pop() any {
	last := u.heads[len(u.heads)-1]
	u.heads = u.heads[:len(u.heads)-1]
	return last
}

func (u *union) seek(p cairn.Position) (index.Place, bool) {
	u.heads = u.heads[:0]
	for _, s := range u.sources {
		if place, ok := s.seek(p); ok {
			u.heads = append(u.heads, head{place, s})
		}
	}
	heap.Init(u)
	return u.top()
}

func (u *union) next() (index.Place, bool) {
	if len(u.heads) == 0 {
		return index.Place{}, false
	}
	for at := u.heads[0].place.Position; len(u.heads) > 0 && u.heads[0].place.Position == at; {
		if place, ok := u.heads[0].source.next(); ok {
			u.heads[0].place = place
			heap.Fix(u, 0)
		} else {
			heap.Pop(u)
		}
	}
	return u.top()
}

func (u *union) top() (index.Place, bool) {
	if len(u.heads) == 0 {
		return index.Place{}, false
	}
	return u.heads[0].place, true
}

func (u *union) close() error { return closeAll(u.sources) }

// An intersection yields the places that all of its sources have.
type intersection struct {
	sources  []source
	backward bool
}

func newIntersection(sources []source, backward bool) source {
	if len(sources) == 1 {
		return sources[0]
	}
	return &intersection{sources, backward}
}

func (x *intersection) seek(p cairn.Position) (index.Place, bool) {
	place, ok := x.sources[0].seek(p)
	return x.agree(place, ok)
}

func (x *intersection) next() (index.Place, bool) {
	place, ok := x.sources[0].next()
	return x.agree(place, ok)
}

// agree moves the sources on in turn until all stand at the same place.
func (x *intersection) agree(place index.Place, ok bool) (index.Place, bool) {
	for i, agreed := 1%len(x.sources), 1; ok && agreed < len(x.sources); i = (i + 1) % len(x.sources) {
		var other index.Place
		if other, ok = x.sources[i].seek(place.Position); ok && other.Position != place.Position {
			agreed = 0
		}
		place = other
		agreed++
	}
	return place, ok
}

func (x *intersection) close() error { return closeAll(x.sources) }

func closeAll(sources []source) (err error) {
	for _, s := range sources {
		if e := s.close(); err == nil {
			err = e
		}
	}
	return err
}
