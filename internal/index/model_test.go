package index

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// A model is what an index must hold, in plain maps.
type model struct {
	at      Checkpoint
	terms   map[Term][]Place
	streams map[string][]revised
	records map[string]string
	keys    map[string]Place
	marks   []Place
	counts  map[Term]Count
}

type revised struct {
	cairn.Revision
	Place
}

func newModel() *model {
	return &model{terms: map[Term][]Place{}, streams: map[string][]revised{}, records: map[string]string{},
		keys: map[string]Place{}, counts: map[Term]Count{}}
}

func (m *model) clone() *model {
	c := *m
	c.terms, c.streams, c.records = maps.Clone(m.terms), maps.Clone(m.streams), maps.Clone(m.records)
	c.keys, c.counts, c.marks = maps.Clone(m.keys), maps.Clone(m.counts), slices.Clone(m.marks)
	return &c
}

// names that are prefixes of each other, and hold the bytes that keys use.
var modelNames = []string{"", "a", "a-1", "a-10", "a\x00", "a\x00\x01", "a\x00\xff", "b", "ü", "a-1\x00", strings.Repeat("x", 300)}

func someName(r *rand.Rand) string { return modelNames[r.IntN(len(modelNames))] }

// grow adds a random batch to the model and to b.
func (m *model) grow(r *rand.Rand, b *Batch) {
	perTerm := map[Term][]Place{}
	perStream := map[string][]Place{}
	var order []string
	for range 1 + r.IntN(1+r.IntN(300)) {
		m.at.Position += 1
		if r.IntN(50) == 0 {
			m.at.Position += cairn.Position(r.IntN(10000))
		}
		m.at.Address += uint64(r.IntN(500))
		p := Place{m.at.Position, m.at.Address}
		s := someName(r)
		if perStream[s] == nil {
			order = append(order, s)
		}
		perStream[s] = append(perStream[s], p)
		for _, k := range []Kind{Category, Type, Tag} {
			if r.IntN(3) > 0 {
				t := Term{k, someName(r)}
				perTerm[t] = append(perTerm[t], p)
			}
		}
		if r.IntN(20) == 0 {
			k := fmt.Sprint("key", r.IntN(1000))
			m.keys[k] = p
			b.Key(k, p)
		}
		if r.IntN(100) == 0 {
			m.marks = append(m.marks, p)
			b.Mark(p)
		}
	}
	for t, ps := range perTerm {
		m.terms[t] = append(slices.Clip(m.terms[t]), ps...)
		b.Places(t, ps)
		c := m.counts[t]
		m.counts[t] = Count{t.Name, c.Events + uint64(len(ps)), c.Streams + 1}
		b.Count(t, uint64(len(ps)), 1)
	}
	for _, s := range order {
		m.growStream(r, b, s, perStream[s])
	}
}

func (m *model) growStream(r *rand.Rand, b *Batch, s string, ps []Place) {
	old := m.streams[s]
	first := cairn.Revision(0)
	if len(old) > 0 {
		first = old[len(old)-1].Revision + 1
	} else {
		m.at.Streams++
	}
	if r.IntN(100) == 0 {
		first += cairn.Revision(r.IntN(2000)) // as a stream whose events were deleted
	}
	all := slices.Clip(old)
	for i, p := range ps {
		all = append(all, revised{first + cairn.Revision(i), p})
	}
	m.streams[s] = all
	b.Revisions(s, first, ps)
	if r.IntN(10) == 0 {
		m.records[s] = fmt.Sprint(m.at)
		b.Record(s, []byte(m.records[s]))
	}
}

func TestModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	fs := vfs.NewMem()
	x, m := openTest(t, fs), newModel()
	for i := range 400 {
		b := x.NewBatch()
		m.grow(r, b)
		apply(t, x, b, m.at)
		switch r.IntN(25) {
		case 0:
			if err := x.Flush(); err != nil {
				t.Fatal(err)
			}
		case 1:
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			x = openTest(t, fs)
		case 2:
			if err := x.db.Compact(t.Context(), []byte{0}, []byte{0xff}, false); err != nil {
				t.Fatal(err)
			}
		}
		m.probe(t, r, x)
		if i%100 == 99 {
			m.compare(t, x)
		}
		if t.Failed() {
			t.Fatalf("after %d batches", i+1)
		}
	}
}

// compare compares everything.
func (m *model) compare(t *testing.T, x *Index) {
	t.Helper()
	if got := x.Checkpoint(); got != m.at {
		t.Fatalf("checkpoint %+v, want %+v", got, m.at)
	}
	for term, want := range m.terms {
		m.compareTerm(t, x, term, want)
	}
	for s, want := range m.streams {
		m.compareStream(t, x, s, want)
	}
	for s, want := range m.records {
		if got, ok, err := x.Record(s); string(got) != want || !ok || err != nil {
			t.Errorf("record of %q: %q %v %v, want %q", s, got, ok, err, want)
		}
	}
	for k, want := range m.keys {
		if got, ok, err := x.Key(k); got != want || !ok || err != nil {
			t.Errorf("key %q: %+v %v %v, want %+v", k, got, ok, err, want)
		}
	}
	for _, k := range []Kind{Category, Type, Tag} {
		m.compareNames(t, x, k)
	}
}

func (m *model) compareTerm(t *testing.T, x *Index, term Term, want []Place) {
	t.Helper()
	for _, backward := range []bool{false, true} {
		c := x.Cursor(term, backward)
		var got []Place
		for p, ok := c.Next(); ok; p, ok = c.Next() {
			got = append(got, p)
		}
		if backward {
			slices.Reverse(got)
		}
		if !slices.Equal(got, want) || c.Err() != nil {
			t.Errorf("%q backward %v: %d places, want %d (%v)", term, backward, len(got), len(want), c.Err())
		}
		c.Close()
	}
}

func (m *model) compareStream(t *testing.T, x *Index, s string, want []revised) {
	t.Helper()
	ps := make([]Place, len(want))
	for i, w := range want {
		ps[i] = w.Place
	}
	m.compareTerm(t, x, Term{Stream, s}, ps)
	for _, backward := range []bool{false, true} {
		c := x.Revisions(s, backward)
		var got []revised
		for r, p, ok := c.Next(); ok; r, p, ok = c.Next() {
			got = append(got, revised{r, p})
		}
		if backward {
			slices.Reverse(got)
		}
		if !slices.Equal(got, want) || c.Err() != nil {
			t.Errorf("stream %q backward %v: %d revisions, want %d (%v)", s, backward, len(got), len(want), c.Err())
		}
		c.Close()
	}
}

func (m *model) compareNames(t *testing.T, x *Index, k Kind) {
	t.Helper()
	var counts []Count
	for term, c := range m.counts {
		if term.Kind == k {
			counts = append(counts, c)
		}
	}
	sort.Slice(counts, func(i, j int) bool { return counts[i].Name < counts[j].Name })
	got, err := cairn.Collect(x.Counts(k))
	if err != nil || !slices.Equal(got, counts) {
		t.Errorf("counts of %q: %v (%v), want %v", k, got, err, counts)
	}
	for _, prefix := range modelNames {
		var want []string
		for _, c := range counts {
			if strings.HasPrefix(c.Name, prefix) {
				want = append(want, c.Name)
			}
		}
		if got, err := cairn.Collect(x.Names(k, prefix)); err != nil || !slices.Equal(got, want) {
			t.Errorf("names of %q with %q: %q (%v), want %q", k, prefix, got, err, want)
		}
	}
}

// probe asks a few random questions.
func (m *model) probe(t *testing.T, r *rand.Rand, x *Index) {
	t.Helper()
	for range 5 {
		m.probeTerm(t, r, x, Term{[]Kind{Category, Type, Tag, Stream}[r.IntN(4)], someName(r)}, r.IntN(2) == 0)
		m.probeStream(t, r, x, someName(r), r.IntN(2) == 0)
	}
	at := m.somePosition(r)
	i := sort.Search(len(m.marks), func(i int) bool { return m.marks[i].Position > at })
	want := Place{}
	if i > 0 {
		want = m.marks[i-1]
	}
	if got, ok, err := x.Mark(at); got != want || ok != (i > 0) || err != nil {
		t.Errorf("mark at %d: %+v %v %v, want %+v", at, got, ok, err, want)
	}
}

func (m *model) somePosition(r *rand.Rand) cairn.Position {
	return cairn.Position(r.Uint64N(uint64(m.at.Position) + 10))
}

// probeTerm seeks and steps about with one cursor.
func (m *model) probeTerm(t *testing.T, r *rand.Rand, x *Index, term Term, backward bool) {
	t.Helper()
	all := slices.Clone(m.terms[term])
	for _, e := range m.streams[term.Name] {
		if term.Kind == Stream {
			all = append(all, e.Place)
		}
	}
	if backward {
		slices.Reverse(all)
	}
	c := x.Cursor(term, backward)
	defer c.Close()
	for range 5 {
		at := m.somePosition(r)
		i := sort.Search(len(all), func(i int) bool {
			return !backward && all[i].Position >= at || backward && all[i].Position <= at
		})
		p, ok := c.Seek(at)
		for n := 0; ; n++ {
			if ok != (i < len(all)) || ok && p != all[i] || c.Err() != nil {
				t.Fatalf("%q backward %v: seek %d and %d steps: %+v %v %v", term, backward, at, n, p, ok, c.Err())
			}
			if !ok || n == r.IntN(20) {
				break
			}
			p, ok = c.Next()
			i++
		}
	}
}

func (m *model) probeStream(t *testing.T, r *rand.Rand, x *Index, s string, backward bool) {
	t.Helper()
	all := slices.Clone(m.streams[s])
	last, place, ok, err := x.Last(s)
	if n := len(all); ok != (n > 0) || err != nil || ok && (revised{last, place}) != all[n-1] {
		t.Fatalf("last of %q: %d %+v %v %v", s, last, place, ok, err)
	}
	if backward {
		slices.Reverse(all)
	}
	c := x.Revisions(s, backward)
	defer c.Close()
	for range 5 {
		at := cairn.Revision(r.Int64N(int64(last)+10)) - 3
		i := sort.Search(len(all), func(i int) bool {
			return !backward && all[i].Revision >= at || backward && all[i].Revision <= at
		})
		rev, p, ok := c.Seek(at)
		for n := 0; ; n++ {
			if ok != (i < len(all)) || ok && (revised{rev, p}) != all[i] || c.Err() != nil {
				t.Fatalf("%q backward %v: seek %d and %d steps: %d %+v %v %v", s, backward, at, n, rev, p, ok, c.Err())
			}
			if !ok || n == r.IntN(20) {
				break
			}
			rev, p, ok = c.Next()
			i++
		}
	}
}
