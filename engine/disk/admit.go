package disk

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// softDeletion is the metadata of a deleted stream.
var softDeletion = fmt.Appendf(nil, `{"$tb":%d}`, int64(cairn.TombstoneRevision))

// admit encodes a request that was judged good, and moves the streams.
func (q *sequencer) admit(r *request, p *part, now int64) error {
	revivals, err := q.revivals(r)
	if err == nil {
		err = r.fits(revivals)
	}
	if err != nil {
		return err
	}
	q.foresee(r)
	given := 0
	for i := range r.writes {
		given += made(&r.writes[i])
	}
	if given+len(revivals) == 0 && r.key == "" {
		return nil
	}
	h := frame.Header{First: q.next, Count: given + len(revivals), Acked: q.store.head.get()}
	if r.key != "" {
		h.Key, h.Answer = []byte(r.key), frame.Answer{Events: given, Revisions: r.revisions}
	}
	if given > 0 {
		r.position = q.next + cairn.Position(given) - 1
	}
	p.frames = append(p.frames, index.Place{Position: q.next, Address: uint64(len(p.builder.Buf))})
	p.builder.Begin(q.epoch, &h)
	q.write(r, revivals, p, now)
	p.builder.End(h.Count)
	return nil
}

// made is how many events the write itself makes.
func made(w *cairn.Write) int {
	if w.Delete != cairn.Keep {
		return 1
	}
	return len(w.Events)
}

// foresee fills in the revisions that the request will be answered.
func (q *sequencer) foresee(r *request) {
	revisions := r.answers()
	if len(r.writes) == 1 {
		w := &r.writes[0]
		_, meta := addressed(w.Stream)
		revisions[0] = r.at[0].at(meta) + cairn.Revision(len(w.Events))
		return
	}
	more := map[string]cairn.Revision{} // events so far
	for i := range r.writes {
		more[r.writes[i].Stream] += cairn.Revision(len(r.writes[i].Events))
		revisions[i] = more[r.writes[i].Stream]
	}
	for i := range r.writes {
		w := &r.writes[i]
		if len(w.Events) == 0 {
			revisions[i] = more[w.Stream]
		}
		_, meta := addressed(w.Stream)
		revisions[i] += r.at[i].at(meta)
	}
}

func (q *sequencer) write(r *request, revivals []revival, p *part, now int64) {
	for i := range r.writes {
		w, s := &r.writes[i], r.at[i]
		switch w.Delete {
		case cairn.Keep:
			q.events(s, w, p, now)
		case cairn.SoftDelete:
			q.describe(s, w.Stream, softDeletion, p, now)
		case cairn.Tombstone:
			q.tombstone(s, w.Stream, p, now)
		}
	}
	for _, v := range revivals {
		q.describe(v.standing, v.stream, v.metadata, p, now)
	}
	if r.key == "" {
		return
	}
	p.items = append(p.items, item{key: r.key, place: p.frames[len(p.frames)-1]})
	q.keys.put(r.key, known{position: r.position, revisions: slices.Clone(r.revisions)})
}

func (q *sequencer) events(s *standing, w *cairn.Write, p *part, now int64) {
	_, meta := addressed(w.Stream)
	for i := range w.Events {
		e := &w.Events[i]
		if meta {
			q.metadata(s, w.Stream, e, p, now)
			continue
		}
		s.last++
		q.event(w.Stream, s.last, e, p, now)
	}
}

// metadata writes an event of a metadata stream.
func (q *sequencer) metadata(s *standing, stream string, e *cairn.Event, p *part, now int64) {
	it := q.event(stream, s.record.metaLast+1, e, p, now)
	it.record = s.change(func(r *record) {
		r.metaLast++
		if e.Type != cairn.TypeMetadata {
			return
		}
		m := cairn.ParseStreamMetadata(e.Data)
		r.describe(&m)
		r.metadata = it.place
		s.raw = slices.Clone(e.Data)
	})
}

// describe writes metadata of the store's own making.
func (q *sequencer) describe(s *standing, stream string, data []byte, p *part, now int64) {
	q.metadata(s, cairn.MetadataStream(stream), &cairn.Event{Type: cairn.TypeMetadata, Data: data}, p, now)
}

func (q *sequencer) tombstone(s *standing, stream string, p *part, now int64) {
	it := q.event(stream, cairn.TombstoneRevision, &cairn.Event{Type: cairn.TypeStreamDeleted}, p, now)
	it.record = s.change(func(r *record) { r.tombstoned, r.tombstone = true, it.place })
}

// event encodes an event at the next position. The item it returns is good
// until the next one.
func (q *sequencer) event(stream string, r cairn.Revision, e *cairn.Event, p *part, now int64) *item {
	id, at, own := e.ID, now, !e.Time.IsZero()
	if own {
		at = e.Time.UnixNano()
	}
	if id.IsZero() {
		id = cairn.NewIDAt(time.Unix(0, now))
	} else {
		q.remember(identity{stream, id}, known{revision: r, position: q.next})
	}
	var tags []string
	if len(e.Tags) > 0 {
		tags = slices.Compact(slices.Sorted(slices.Values(e.Tags)))
	}
	offset := p.builder.Event(stream, r, id, at, own, e, tags)
	p.items = append(p.items, item{
		place:  index.Place{Position: q.next, Address: uint64(offset)},
		stream: stream, typ: e.Type, tags: foundBy(tags, e.Metadata), revision: r,
	})
	q.next++
	return &p.items[len(p.items)-1]
}

// remember keeps the first place of an ID in its stream.
func (q *sequencer) remember(id identity, k known) {
	if _, ok := q.ids.get(id); !ok {
		q.ids.put(id, k)
	}
}

// A revival is metadata that the store writes because a soft-deleted stream is
// used again: it hides the old events and no others.
type revival struct {
	standing *standing
	stream   string
	metadata []byte
}

// revivals finds the soft-deleted streams that the request brings back.
func (q *sequencer) revivals(r *request) ([]revival, error) {
	var found []revival
	for i := range r.writes {
		w := &r.writes[i]
		stream, meta := addressed(w.Stream)
		s := r.at[i]
		if w.Delete != cairn.Keep || !s.record.softDeleted() {
			continue
		}
		raw, written := lastMetadata(r.writes, cairn.MetadataStream(stream))
		if meta && (!written || isSoftDeletion(raw) && !writesTo(r.writes, stream)) ||
			slices.ContainsFunc(found, func(v revival) bool { return v.stream == stream }) {
			continue
		}
		if !written {
			var err error
			if raw, err = q.store.rawMetadata(s); err != nil {
				return nil, err
			}
		}
		found = append(found, revival{s, stream, withTruncation(raw, s.last+1)})
	}
	return found, nil
}

// lastMetadata is the metadata that the writes set for a stream.
func lastMetadata(all []cairn.Write, metastream string) (raw []byte, ok bool) {
	for i := range all {
		for j := range all[i].Events {
			if e := &all[i].Events[j]; all[i].Stream == metastream && e.Type == cairn.TypeMetadata {
				raw, ok = e.Data, true
			}
		}
	}
	return raw, ok
}

func writesTo(all []cairn.Write, stream string) bool {
	return slices.ContainsFunc(all, func(w cairn.Write) bool { return w.Stream == stream })
}

func isSoftDeletion(raw []byte) bool {
	m := cairn.ParseStreamMetadata(raw)
	return m.SoftDeleted()
}

// withTruncation sets "$tb" and leaves every other key as it is.
func withTruncation(raw []byte, before cairn.Revision) []byte {
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) != nil || keys == nil {
		keys = map[string]json.RawMessage{}
	}
	keys["$tb"] = fmt.Append(nil, int64(before))
	b, _ := json.Marshal(keys) // of raw JSON that was just read: it cannot fail
	return b
}
