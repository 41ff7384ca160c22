package disk

import (
	"sort"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// A generation holds in memory what the index has yet to take in: the places of
// the events in (base, last], by everything that they can be found by.
type generation struct {
	base, last cairn.Position
	start, end address // where the log goes on behind base and behind last

	streams    map[string]*revisions
	categories map[string]*postings
	types      map[string]*postings
	tags       map[string]*postings
	firsts     map[string]*postings
	records    map[string][]version
	keys       map[string]index.Place
	marks      []index.Place
	begun      map[string]uint64 // how many streams began in a category
	newStreams uint64
	events     int // and keys
}

// A version is what a stream's record is from a position on.
type version struct {
	from   cairn.Position
	record *record
}

// postings are the places of a term.
type postings struct{ places []index.Place }

// revisions are the places of a stream's events from a revision on.
type revisions struct {
	first  cairn.Revision
	places []index.Place
}

func newGeneration(base cairn.Position, end address) *generation {
	return &generation{
		base: base, last: base, start: end, end: end,
		streams: map[string]*revisions{}, categories: map[string]*postings{},
		types: map[string]*postings{}, tags: map[string]*postings{}, firsts: map[string]*postings{},
		records: map[string][]version{},
		keys:    map[string]index.Place{},
		begun:   map[string]uint64{},
	}
}

// markEvery is how many bytes of log lie between two marks at least.
const markEvery = 64 << 10

// mark notes where a frame begins, if the last note is far enough behind.
func (g *generation) mark(frame, lastMark index.Place) (noted index.Place) {
	if lastMark.Position > 0 && frame.Address-lastMark.Address < markEvery {
		return lastMark
	}
	g.marks = append(g.marks, frame)
	return frame
}

func (g *generation) add(it *item) {
	g.events++
	if it.key != "" {
		g.keys[strings.Clone(it.key)] = it.place
		return
	}
	g.stream(it)
	post(g.categories, cairn.Category(it.stream), it.place)
	post(g.types, it.typ, it.place)
	for _, tag := range it.tags {
		post(g.tags, tag, it.place)
	}
	if it.record != nil {
		stream, _ := addressed(it.stream)
		stream = strings.Clone(stream)
		g.records[stream] = append(g.records[stream], version{it.place.Position, it.record})
	}
}

func (g *generation) stream(it *item) {
	if it.revision == cairn.TombstoneRevision {
		return // the record says it
	}
	s, ok := g.streams[it.stream]
	if !ok {
		s = &revisions{first: it.revision}
		g.streams[strings.Clone(it.stream)] = s
	}
	s.places = append(s.places, it.place)
	if it.revision == 0 {
		g.newStreams++
		category := cairn.Category(it.stream)
		g.begun[strings.Clone(category)]++
		post(g.firsts, "", it.place)
		post(g.firsts, index.FirstIn(category), it.place)
	}
}

// post adds a place to those of a name.
func post(terms map[string]*postings, name string, p index.Place) {
	t, ok := terms[name]
	if !ok {
		t = new(postings)
		terms[strings.Clone(name)] = t
	}
	t.places = append(t.places, p)
}

// terms are those of a kind, but for streams.
func (g *generation) terms(k index.Kind) map[string]*postings {
	switch k {
	case index.Category:
		return g.categories
	case index.Type:
		return g.types
	case index.First:
		return g.firsts
	}
	return g.tags
}

// places are those of a term.
func (g *generation) places(t index.Term) []index.Place {
	if t.Kind == index.Stream {
		if s := g.streams[t.Name]; s != nil {
			return s.places
		}
		return nil
	}
	if p := g.terms(t.Kind)[t.Name]; p != nil {
		return p.places
	}
	return nil
}

// upTo is the part of places up to position p. It has no room behind it, so
// that what is appended later does not overwrite what a reader holds.
func upTo(places []index.Place, p cairn.Position) []index.Place {
	i := sort.Search(len(places), func(i int) bool { return places[i].Position > p })
	return places[:i:i]
}
