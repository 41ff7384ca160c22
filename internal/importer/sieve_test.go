package importer

import "testing"

func TestSieve(t *testing.T) {
	s, wrong := newSieve(), 0
	const n = 200_000
	for i := range n {
		s.add(identity{"a", wide(i)})
	}
	for i := range n {
		if !s.met(identity{"a", wide(i)}) {
			t.Fatalf("event %d was put in and is not found", i)
		}
		if s.met(identity{"b", wide(i)}) {
			wrong++
		}
	}
	if wrong > n/1000 {
		t.Fatalf("%d of %d events pass that were not put in", wrong, n)
	}
}

func wide(n int) (id [16]byte) {
	id[0], id[13], id[14], id[15] = 1, byte(n>>16), byte(n>>8), byte(n)
	return id
}
