package disk

import (
	"fmt"
	"math"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// newest is a bound for looking at all that was sequenced, durable or not.
const newest cairn.Position = math.MaxUint64

// lookupStanding finds where a stream stands, for the sequencer.
func (s *Store) lookupStanding(stream string) (*standing, error) {
	rec, err := s.record(stream, newest)
	if err != nil {
		return nil, err
	}
	last, err := s.lastOf(stream, newest)
	return &standing{last: last, record: rec}, err
}

// record is a stream's record as of a position. What is in the index already
// may be newer.
func (s *Store) record(stream string, through cairn.Position) (*record, error) {
	if r, ok := s.indexer.recent.record(stream, through); ok {
		return r, nil
	}
	b, ok, err := s.index.Record(stream)
	if err != nil || !ok {
		return &blank, err
	}
	r, err := decodeRecord(b)
	return &r, err
}

// lastOf is the last revision of a stream, by its full name, as of a position
// that is not behind the index; NoStream if there is none.
func (s *Store) lastOf(stream string, through cairn.Position) (cairn.Revision, error) {
	v, first := s.indexer.recent.look(index.Term{Kind: index.Stream, Name: stream}, through)
	if n := len(v.places); n > 0 {
		return first + cairn.Revision(n) - 1, nil
	}
	last, place, ok, err := s.index.Last(stream)
	if err != nil || !ok {
		return cairn.NoStream, err
	}
	if place.Position <= min(v.base, through) || through == newest {
		return last, nil
	}
	return s.lastBefore(stream, min(v.base, through))
}

// lastBefore is for the rare reader that the index has overtaken.
func (s *Store) lastBefore(stream string, through cairn.Position) (cairn.Revision, error) {
	c := s.index.Revisions(stream, true)
	defer c.Close()
	for r, p, ok := c.Seek(math.MaxInt64 - 1); ok; r, p, ok = c.Next() {
		if p.Position <= through {
			return r, nil
		}
	}
	return cairn.NoStream, c.Err()
}

// lookupKey finds the answer that was given to the batch with a key.
func (s *Store) lookupKey(key string) (known, bool, error) {
	place, ok := s.indexer.recent.key(key)
	if !ok {
		var err error
		if place, ok, err = s.index.Key(key); err != nil || !ok {
			return known{}, false, err
		}
	}
	h, err := s.header(place)
	if err != nil {
		return known{}, false, err
	}
	k := known{revisions: h.Answer.Revisions}
	if h.Answer.Events > 0 {
		k.position = h.First + cairn.Position(h.Answer.Events) - 1
	}
	return k, true, nil
}

// header reads the header of the frame at a place.
func (s *Store) header(place index.Place) (frame.Header, error) {
	c := scan{store: s, at: place.Address}
	b, _, err := c.frameAt(place.Address)
	if err != nil {
		return frame.Header{}, err
	}
	h, _, err := frame.Open(b, s.epoch)
	if err != nil || h.First != place.Position {
		return h, s.corrupt(place.Address, place.Position, fmt.Sprintf("the frame of a key is not where the index says: %v", err))
	}
	return h, nil
}

// rawMetadata is the metadata of a stream as it was written; nil if there is
// none.
func (s *Store) rawMetadata(at *standing) ([]byte, error) {
	if at.raw != nil || at.record.metadata.Position == 0 {
		return at.raw, nil
	}
	return s.metadataAt(at.record)
}

func (s *Store) metadataAt(r *record) ([]byte, error) {
	if r.metadata.Position == 0 {
		return nil, nil
	}
	f := fetcher{store: s}
	e, err := f.one(r.metadata)
	if err != nil {
		return nil, err
	}
	return e.Data, nil
}
