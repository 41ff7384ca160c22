package index

import (
	"bytes"
	"cmp"
	"slices"
	"testing"

	"github.com/cairndb/cairn"
)

func TestTermNames(t *testing.T) {
	for _, name := range modelNames {
		key := appendNumber(appendTerm(nil, Term{Tag, name}), 77)
		n, ok := splitBlock(key)
		if !ok || termName(key[:n]) != name || blockNumber(key) != 77 {
			t.Errorf("%q became %q", name, key)
		}
	}
}

// TestComparer holds the comparer to what Pebble asks of one: a key splits into
// its prefix and suffix, and keys compare by the one and then by the other.
func TestComparer(t *testing.T) {
	var prefixes [][]byte
	for _, name := range modelNames {
		for _, k := range []Kind{Stream, Tag} {
			prefixes = append(prefixes, appendTerm(nil, Term{k, name}))
		}
		prefixes = append(prefixes, append([]byte{recordKey}, name...))
	}
	slices.SortFunc(prefixes, bytes.Compare)
	for _, a := range prefixes {
		for _, b := range prefixes {
			for _, number := range []uint64{0, 1, 300, 1 << 40, 1 << 56} {
				checkCompare(t, a, b, number)
			}
		}
	}
	for i, a := range prefixes {
		next := comparer.ImmediateSuccessor(nil, a)
		for j, b := range prefixes {
			if (j <= i) != (comparer.Compare(b, next) < 0) {
				t.Errorf("%q does not part %q from %q", next, a, b)
			}
		}
	}
}

func checkCompare(t *testing.T, a, b []byte, number uint64) {
	t.Helper()
	x, y := a, b
	if a[0] != recordKey {
		x = appendNumber(bytes.Clone(a), number)
	}
	if b[0] != recordKey {
		y = appendNumber(bytes.Clone(b), 300)
	}
	if split(x) != len(a) || split(a) != len(a) {
		t.Errorf("%q splits at %d and %d, want %d", x, split(x), split(a), len(a))
	}
	want := cmp.Or(bytes.Compare(a, b), bytes.Compare(x[len(a):], y[len(b):]))
	if got := comparer.Compare(x, y); got != want {
		t.Errorf("%q and %q compare as %d, want %d", x, y, got, want)
	}
}

// FuzzComparer makes up keys that part two others.
func FuzzComparer(f *testing.F) {
	f.Add([]byte("sabc\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff"), []byte("sabd\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("k"), []byte(""))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if split(a) > len(a) || len(a) == 0 || len(b) == 0 {
			return
		}
		if k := comparer.Successor(nil, a); comparer.Compare(a, k) > 0 {
			t.Errorf("successor %q of %q", k, a)
		}
		if comparer.Compare(a, b) >= 0 {
			return
		}
		if k := comparer.Separator(nil, a, b); comparer.Compare(a, k) > 0 || comparer.Compare(k, b) >= 0 {
			t.Errorf("separator %q of %q and %q", k, a, b)
		}
	})
}

func TestMisuse(t *testing.T) {
	for name, misuse := range map[string]func(*Batch){
		"descending positions": func(b *Batch) { b.Places(Term{Tag, "t"}, places(2, 1)) },
		"one position twice":   func(b *Batch) { b.Revisions("s", 0, places(2, 2)) },
		"descending addresses": func(b *Batch) { b.Places(Term{Tag, "t"}, []Place{{1, 2}, {2, 1}}) },
		"address too high":     func(b *Batch) { b.Places(Term{Tag, "t"}, []Place{{1, 1 << 63}}) },
		"places of a stream":   func(b *Batch) { b.Places(Term{Stream, "s"}, places(1)) },
		"unknown kind":         func(b *Batch) { b.Places(Term{'x', "s"}, places(1)) },
		"negative revision":    func(b *Batch) { b.Revisions("s", -1, places(1)) },
		"revisions past the last": func(b *Batch) {
			b.Revisions("s", cairn.TombstoneRevision, places(1, 2))
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := openTest(t, memory())
			b := x.NewBatch()
			b.Key("k", Place{1, 1})
			misuse(b)
			if err := x.Apply(b, Checkpoint{Position: 1}); err == nil {
				t.Error("applied")
			}
			if _, ok, err := x.Key("k"); ok || err != nil || x.Checkpoint().Position != 0 {
				t.Errorf("something was applied (%v)", err)
			}
		})
	}
}

// TestTombstone: the event that closes a stream is far from all others.
func TestTombstone(t *testing.T) {
	x := openTest(t, memory())
	b := x.NewBatch()
	var at []cairn.Position
	for p := range cairn.Position(300) {
		at = append(at, 10*(p+1))
	}
	b.Revisions("s", 0, places(at...))
	b.Revisions("s", cairn.TombstoneRevision, places(9999))
	apply(t, x, b, Checkpoint{Position: 9999})
	if r, p, ok, err := x.Last("s"); r != cairn.TombstoneRevision || p.Position != 9999 || !ok || err != nil {
		t.Errorf("last %d at %d %v %v", r, p.Position, ok, err)
	}
	revisions := x.Revisions("s", false)
	defer revisions.Close()
	for from, want := range map[cairn.Revision]cairn.Revision{0: 0, 299: 299, 300: cairn.TombstoneRevision, 1 << 40: cairn.TombstoneRevision} {
		if r, _, ok := revisions.Seek(from); r != want || !ok {
			t.Errorf("seek %d: %d %v, want %d", from, r, ok, want)
		}
	}
	c := x.Cursor(Term{Stream, "s"}, false)
	defer c.Close()
	for from, want := range map[cairn.Position]cairn.Position{0: 10, 1281: 1290, 3001: 9999, 9999: 9999} {
		if p, ok := c.Seek(from); p.Position != want || !ok {
			t.Errorf("seek %d: %d %v, want %d", from, p.Position, ok, want)
		}
	}
}
