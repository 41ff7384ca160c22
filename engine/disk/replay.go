package disk

import (
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// A replayer reads frames from the log and makes of them the parts that the
// indexer once got from the sequencer.
type replayer struct {
	store   *Store
	scan    scan
	last    cairn.Position // of the frame read last
	acked   cairn.Position // what that frame knows to be durable
	since   cairn.Position // the records are known as of here
	records map[string]*record
}

func (s *Store) replayer(c index.Checkpoint) *replayer {
	r := &replayer{store: s, last: c.Position, since: c.Position, records: map[string]*record{}}
	r.scan = scan{store: s, at: c.Address}
	if r.scan.at == 0 {
		r.scan.at, _, _ = s.log.Part(1)
	}
	return r
}

// replay calls fn with every frame behind c up to the address at which the log
// ends. It is how the indexer retreats: all of it must be durable.
func (s *Store) replay(c index.Checkpoint, end address, fn func(*part)) error {
	r := s.replayer(c)
	for r.scan.at < end {
		p, err := r.next()
		if err != nil {
			return err
		}
		if p == nil {
			path, offset := s.log.Where(r.scan.at)
			return fmt.Errorf("disk: %s ends at byte %d, behind position %d, before all is read that it held", path, offset, r.last)
		}
		fn(p)
	}
	return nil
}

// next reads a frame. It is nil where the log ends or is not whole.
func (r *replayer) next() (*part, error) {
	for {
		b, _, err := r.scan.frameAt(r.scan.at)
		if err != nil && !isCorrupt(err) {
			return nil, err
		}
		if b != nil && err == nil {
			p, ok, err := r.part(b)
			if ok || err != nil {
				return p, err
			}
		}
		next, first, ok := r.store.log.Next(r.scan.at)
		if !ok {
			return nil, nil
		}
		if b != nil || err != nil || first != r.last+1 {
			return nil, r.store.corrupt(r.scan.at, r.last+1, "the segment is damaged here, or the one behind it is missing")
		}
		r.scan.at = next
	}
}

// part decodes a frame whole. ok is false if its sums or its place are wrong.
func (r *replayer) part(b []byte) (p *part, ok bool, err error) {
	h, events, err := frame.Open(b, r.store.epoch)
	if err != nil || h.First != r.last+1 {
		return nil, false, nil
	}
	p = &part{chunk: chunk{first: h.First, last: h.Last(), at: r.scan.at}, end: r.scan.at + uint64(h.Length)}
	p.frames = []index.Place{{Position: h.First, Address: p.at}}
	for at := h.First; at <= h.Last(); at++ {
		offset := uint64(h.Length - len(events))
		var e frame.Event
		rest, err := frame.Decode(events, r.store.epoch, at, &e)
		if err != nil {
			return nil, false, nil
		}
		it, err := r.item(&e, index.Place{Position: at, Address: p.at + offset})
		if err != nil {
			return nil, false, err
		}
		p.items, events = append(p.items, it), rest
	}
	if len(h.Key) > 0 {
		p.items = append(p.items, item{key: string(h.Key), place: p.frames[0]})
	}
	r.scan.at, r.last, r.acked = p.end, h.Last(), h.Acked
	return p, true, nil
}

func (r *replayer) item(e *frame.Event, at index.Place) (it item, err error) {
	tags := foundBy(e.Tags(), e.Metadata)
	it = item{place: at, stream: string(e.Stream), typ: string(e.Type), tags: tags, revision: e.Revision}
	stream, meta := addressed(it.stream)
	if meta || e.Revision == cairn.TombstoneRevision {
		it.record, err = r.record(stream, meta, e, at)
	}
	return it, err
}

// record is the stream's record with the event.
func (r *replayer) record(stream string, meta bool, e *frame.Event, at index.Place) (*record, error) {
	old, ok := r.records[stream]
	if !ok && r.since == 0 {
		old = &blank
	} else if !ok {
		var err error
		if old, err = r.store.record(stream, r.since); err != nil {
			return nil, err
		}
	}
	rec := *old
	switch {
	case !meta:
		rec.tombstoned, rec.tombstone = true, at
	case string(e.Type) == cairn.TypeMetadata:
		m := cairn.ParseStreamMetadata(e.Data)
		rec.describe(&m)
		rec.metadata = at
		fallthrough
	default:
		rec.metaLast = e.Revision
	}
	r.records[stream] = &rec
	return &rec, nil
}
