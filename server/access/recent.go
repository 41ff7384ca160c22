package access

// recent holds values for the keys used lately, in two generations: when the
// younger one is full it becomes the older one, and what was in that is
// forgotten. A value that is used moves to the younger. So it holds the size at
// least and twice that at most.
type recent[K comparable, V any] struct {
	size         int
	young, older map[K]V
}

func newRecent[K comparable, V any](size int) *recent[K, V] {
	return &recent[K, V]{size: size, young: map[K]V{}}
}

func (c *recent[K, V]) get(k K) (v V, ok bool) {
	if v, ok = c.young[k]; ok {
		return v, true
	}
	if v, ok = c.older[k]; ok {
		c.put(k, v)
	}
	return v, ok
}

func (c *recent[K, V]) put(k K, v V) {
	if len(c.young) >= c.size {
		c.older, c.young = c.young, make(map[K]V, c.size)
	}
	c.young[k] = v
}

func (c *recent[K, V]) remove(k K) {
	delete(c.young, k)
	delete(c.older, k)
}
