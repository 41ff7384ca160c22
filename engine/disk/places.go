package disk

import (
	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// places are where a stream's events in [from, to) lie, as of position through:
// the first size of them, or the last if backward, and the revision of the one
// returned last. That position must be in recent or in the index.
func (s *Store) places(stream string, from, to cairn.Revision, through cairn.Position, backward bool, size int) ([]index.Place, cairn.Revision, error) {
	v, first := s.indexer.recent.look(index.Term{Kind: index.Stream, Name: stream}, through)
	if len(v.places) == 0 {
		first = to
	}
	c := collector{from: from, to: to, backward: backward, size: size}
	if backward {
		c.memory(v.places, first)
		if c.full() {
			return c.found, c.last, nil
		}
	}
	if from < first {
		if err := s.indexed(&c, stream, min(to, first), min(v.base, through)); err != nil {
			return nil, 0, err
		}
	}
	if !backward {
		c.memory(v.places, first)
	}
	return c.found, c.last, nil
}

// A collector takes places until it has enough.
type collector struct {
	from, to cairn.Revision
	backward bool
	size     int
	found    []index.Place
	last     cairn.Revision // of the one taken last
}

func (c *collector) full() bool { return len(c.found) >= c.size }

// memory takes what is in memory: the places of the revisions from first on.
func (c *collector) memory(places []index.Place, first cairn.Revision) {
	low, high := max(c.from, first), min(c.to, first+cairn.Revision(len(places)))
	for ; low < high && !c.full(); low, high = c.advance(low, high) {
		at := low
		if c.backward {
			at = high - 1
		}
		c.found, c.last = append(c.found, places[at-first]), at
	}
}

func (c *collector) advance(low, high cairn.Revision) (cairn.Revision, cairn.Revision) {
	if c.backward {
		return low, high - 1
	}
	return low + 1, high
}

// indexed takes what is in the index below revision to, up to a position.
func (s *Store) indexed(c *collector, stream string, to cairn.Revision, through cairn.Position) error {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.shut {
		return cairn.ErrClosed
	}
	cursor := s.index.Revisions(stream, c.backward)
	start := c.from
	if c.backward {
		start = to - 1
	}
	for r, p, ok := cursor.Seek(start); ok && r >= c.from && r < to && !c.full(); r, p, ok = cursor.Next() {
		if p.Position > through && c.backward {
			continue // the index has overtaken this reader
		}
		if p.Position > through {
			break
		}
		c.found, c.last = append(c.found, p), r
	}
	err := cursor.Err()
	if closed := cursor.Close(); err == nil {
		err = closed
	}
	return err
}
