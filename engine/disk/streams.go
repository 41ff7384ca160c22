package disk

import (
	"github.com/cairndb/cairn"
)

// A standing is where a stream and its metadata stand, as of the last request
// that was sequenced.
type standing struct {
	last   cairn.Revision
	record *record // never changed, but replaced
	raw    []byte  // the metadata in force as JSON, if it was written since the stream was loaded
}

// exists reports whether anything was written to the stream or its metadata.
func (s *standing) exists() bool { return s.last >= 0 || s.record.metaLast >= 0 }

// A cache holds values for the keys used lately, in two generations: when the
// younger one is full it becomes the older one, and what was in that is
// forgotten. A value that is used moves to the younger.
type cache[K comparable, V any] struct {
	size         int // of a generation
	young, older map[K]V
	// forgettable reports whether what was put before the generations last
	// changed can be found elsewhere by now. Until then the young one grows.
	forgettable func() bool
	changed     func() // the generations have changed
}

func newCache[K comparable, V any](size int) *cache[K, V] {
	return &cache[K, V]{
		size: size, young: map[K]V{}, older: map[K]V{},
		forgettable: func() bool { return true }, changed: func() {},
	}
}

func (c *cache[K, V]) get(k K) (v V, ok bool) {
	if v, ok = c.young[k]; ok {
		return v, true
	}
	if v, ok = c.older[k]; ok {
		c.young[k] = v
	}
	return v, ok
}

func (c *cache[K, V]) put(k K, v V) { c.young[k] = v }

// turn begins a generation if the young one is full. What was put or found
// since the last turn is not forgotten by this one: a request may hold it.
func (c *cache[K, V]) turn() {
	if len(c.young) >= c.size && c.forgettable() {
		c.older, c.young = c.young, make(map[K]V, c.size/2)
		c.changed()
	}
}

func (c *cache[K, V]) clear() {
	clear(c.young)
	clear(c.older)
}

// addressed is the stream that a name is about, and whether the name is that
// of its metadata stream.
func addressed(name string) (stream string, meta bool) {
	if stream, ok := cairn.DescribedStream(name); ok {
		return stream, true
	}
	return name, false
}

// at is where the stream stands, or its metadata.
func (s *standing) at(meta bool) cairn.Revision {
	if meta {
		return s.record.metaLast
	}
	return s.last
}

// change replaces the record by a changed copy and returns that.
func (s *standing) change(fn func(*record)) *record {
	r := *s.record
	fn(&r)
	s.record = &r
	return &r
}
