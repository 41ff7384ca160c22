package disk

import (
	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// A finder finds the places that match a query in a span, a batch at a time. In
// between it holds nothing open, however long its reader takes.
type finder struct {
	store *Store
	query cairn.Query
	span
	size int // of the next batch
	done bool
}

const (
	firstBatch = 32
	largeBatch = 1024
)

// next returns the next places, in the span's direction. Once done is set there
// are no more.
func (f *finder) next() ([]index.Place, error) {
	s := f.store
	s.use.RLock()
	defer s.use.RUnlock()
	if s.shut {
		return nil, cairn.ErrClosed
	}
	src, err := s.candidates(f.query, f.span)
	if err != nil {
		return nil, err
	}
	f.size = min(max(firstBatch, 2*f.size), largeBatch)
	places := f.collect(src)
	return places, src.close()
}

func (f *finder) collect(src source) []index.Place {
	places := make([]index.Place, 0, f.size)
	p, ok := src.seek(f.start())
	for ; ok && f.contains(p.Position); p, ok = src.next() {
		places = append(places, p)
		if len(places) == f.size {
			f.moveBehind(p.Position)
			return places
		}
	}
	f.done = true
	return places
}

// start is the first position to look at.
func (sp *span) start() cairn.Position {
	if sp.backward {
		return sp.through
	}
	return sp.after + 1
}

func (sp *span) contains(p cairn.Position) bool { return p > sp.after && p <= sp.through }

// moveBehind leaves of the span what comes behind p.
func (f *finder) moveBehind(p cairn.Position) {
	if f.backward {
		f.through = p - 1
	} else {
		f.after = p
	}
	f.done = f.after >= f.through
}
