package disk

import "testing"

func TestCacheForgetsTheOlderGeneration(t *testing.T) {
	c, changes := newCache[int, int](3), 0
	c.changed = func() { changes++ }
	for k := range 6 { // 0 1 2 | 3 4 5
		c.turn()
		c.put(k, k*k)
	}
	if v, ok := c.get(0); !ok || v != 0 || changes != 1 {
		t.Errorf("0: %d, %t, after %d changes", v, ok, changes)
	}
	c.turn()
	c.put(6, 36) // 3 4 5 0 | 6
	for k, want := range []bool{true, false, false, true, true, true, true} {
		if v, ok := c.get(k); ok != want || ok && v != k*k {
			t.Errorf("%d: %d, %t, want %t", k, v, ok, want)
		}
	}
	if changes != 2 {
		t.Errorf("%d changes", changes)
	}
	c.clear()
	if _, ok := c.get(6); ok {
		t.Error("cleared, but 6 is there")
	}
}

func TestCacheKeepsWhatCannotBeFoundElsewhere(t *testing.T) {
	c, forgettable := newCache[int, int](2), false
	c.forgettable = func() bool { return forgettable }
	for k := range 10 {
		c.turn()
		c.put(k, k)
	}
	for k := range 10 {
		if _, ok := c.get(k); !ok {
			t.Errorf("%d is forgotten", k)
		}
	}
	forgettable = true
	for k := range 3 {
		c.turn()
		c.put(10+k, 10+k)
	}
	if _, ok := c.get(0); ok {
		t.Error("0 is still there")
	}
}
