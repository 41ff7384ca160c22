package disk

import (
	"hash/maphash"
	"maps"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// totals sum up all places by kind, in any order: how many there are, and a sum
// over their hashes. Two sets of places that differ have different totals, but
// for a chance of one in 2^64. That takes no memory, however large the store.
type totals map[index.Kind]*total

type total struct{ n, sum uint64 }

func newTotals() totals {
	return totals{index.Stream: {}, index.Category: {}, index.Type: {}, index.Tag: {}, index.First: {}}
}

// An entry is a place in the index and how it is found.
type entry struct {
	term     index.Term
	revision cairn.Revision // of a stream
	place    index.Place
}

func (t totals) count(e entry) {
	sum := t[e.term.Kind]
	sum.n++
	sum.sum += maphash.Comparable(hashSeed, e)
}

// add counts the events of a frame, as far as the index has come.
func (t totals) add(p *part, reached cairn.Position) {
	if p.last > reached {
		return
	}
	for i := range p.items {
		it := &p.items[i]
		if it.key != "" {
			continue
		}
		if it.revision != cairn.TombstoneRevision {
			t.count(entry{index.Term{Kind: index.Stream, Name: it.stream}, it.revision, it.place})
		}
		t.count(entry{index.Term{Kind: index.Category, Name: cairn.Category(it.stream)}, 0, it.place})
		t.count(entry{index.Term{Kind: index.Type, Name: it.typ}, 0, it.place})
		if it.revision == 0 {
			t.count(entry{index.Term{Kind: index.First}, 0, it.place})
			t.count(entry{index.Term{Kind: index.First, Name: index.FirstIn(cairn.Category(it.stream))}, 0, it.place})
		}
		for _, tag := range it.tags {
			t.count(entry{index.Term{Kind: index.Tag, Name: tag}, 0, it.place})
		}
	}
}

// index reads all of the index and compares it with the log.
func (v *verifier) index() error {
	for _, k := range []index.Kind{index.Stream, index.Category, index.Type, index.Tag, index.First} {
		if err := v.kind(k); err != nil {
			if !isCorrupt(err) {
				return err
			}
			v.problem(err)
			continue
		}
		v.report.IndexEntries += v.inIndex[k].n
		// Damage in the log is reported already, and would show here again.
		if *v.inIndex[k] != *v.inLog[k] && len(v.report.Problems) == 0 {
			v.problem(indexDiffers(kindName[k]))
		}
	}
	return v.checkRecords()
}

var kindName = map[index.Kind]string{
	index.Stream: "the streams", index.Category: "the categories", index.Type: "the types", index.Tag: "the tags",
	index.First: "the first events of streams",
}

func (v *verifier) kind(k index.Kind) error {
	for name, err := range v.store.index.Names(k, "") {
		if err != nil {
			return err
		}
		if k == index.Stream {
			err = v.stream(name)
		} else {
			err = v.term(index.Term{Kind: k, Name: name})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) stream(name string) error {
	c := v.store.index.Revisions(name, false)
	defer c.Close()
	next := cairn.Revision(0)
	for r, p, ok := c.Seek(0); ok && p.Position <= v.known; r, p, ok = c.Next() {
		if r != next {
			v.problem(indexDiffers("stream " + name + ", which lacks revisions"))
			return nil
		}
		if next++; r == 0 {
			v.report.Streams++
		}
		if err := v.indexed(entry{index.Term{Kind: index.Stream, Name: name}, r, p}); err != nil {
			return err
		}
	}
	return c.Err()
}

func (v *verifier) term(t index.Term) error {
	c := v.store.index.Cursor(t, false)
	defer c.Close()
	for p, ok := c.Seek(1); ok && p.Position <= v.known; p, ok = c.Next() {
		if err := v.indexed(entry{t, 0, p}); err != nil {
			return err
		}
	}
	return c.Err()
}

// indexed counts an entry of the index.
func (v *verifier) indexed(e entry) error {
	v.inIndex.count(e)
	v.pace.worked(entryWork)
	return v.proceed()
}

// checkRecords compares what the index knows of streams with metadata. If it
// is behind the log, it may know less.
func (v *verifier) checkRecords() error {
	if v.open() || v.report.IndexReached != v.head || len(v.report.Problems) > 0 {
		return nil
	}
	for _, stream := range slices.Sorted(maps.Keys(v.records)) {
		b, ok, err := v.store.index.Record(stream)
		if err != nil {
			return err
		}
		if !ok || string(b) != string(v.records[stream].encode()) {
			v.problem(indexDiffers("the record of stream " + stream))
		}
		v.report.IndexEntries++
	}
	return nil
}
