package disk

import (
	"context"
	"slices"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// A sequencer gives requests their place in the log, one after the other. It
// is what makes conditions exact: it knows where every stream stands, with
// what is sequenced and not yet durable, and nothing is sequenced but through
// it.
//
// It works ahead of the disk. What it hands out becomes true when the part is
// durable; if the disk refuses that, [sequencer.reset] takes it back to what is
// stored. For the same reason a refusal is not told before what it is based on
// is durable: all outcomes of a part are told together.
//
// It is used by one goroutine at a time: the one that leads the committer.
type sequencer struct {
	store *Store
	epoch uint32
	clock func() time.Time

	next     cairn.Position // to hand out
	end      address        // of what has been handed out
	lastTime int64          // handed out by the store, in nanoseconds

	part *part // takes what is sequenced

	streams *cache[string, *standing] // by the name of the stream, not of its metadata
	keys    *cache[string, known]
	ids     *cache[identity, known]
}

// A known says where an event, or the answer to a batch, was stored.
type known struct {
	revision  cairn.Revision
	position  cairn.Position
	revisions []cairn.Revision // of a batch
}

// An identity is the ID of an event in its stream.
type identity struct {
	stream string
	id     cairn.ID
}

// Sizes of a generation of what the sequencer remembers.
const (
	rememberedStreams = 1 << 16
	rememberedKeys    = 1 << 14
	rememberedIDs     = 1 << 16
)

func newSequencer(s *Store) *sequencer {
	return &sequencer{
		store: s, epoch: s.epoch, clock: time.Now,
		next: s.head.get() + 1, end: s.end,
		streams: forgetting(newCache[string, *standing](rememberedStreams), s),
		keys:    forgetting(newCache[string, known](rememberedKeys), s),
		ids:     newCache[identity, known](rememberedIDs), // what is forgotten is forgotten
	}
}

// forgetting has a cache forget only what can be looked up again, which is what
// was durable, and so in recent or in the index, when its generations changed
// last.
func forgetting[K comparable, V any](c *cache[K, V], s *Store) *cache[K, V] {
	var changed cairn.Position
	c.forgettable = func() bool { return min(s.head.get(), s.indexer.processed.get()) >= changed }
	c.changed = func() { changed = s.seq.next - 1 }
	return c
}

// reset forgets all that was sequenced and is not stored.
func (q *sequencer) reset() {
	q.next, q.end = q.store.head.get()+1, q.store.end
	q.part = nil
	q.streams.clear()
	q.keys.clear()
	q.ids.clear()
}

// A part is what is written to the log at once.
type part struct {
	chunk
	group   *group
	builder frame.Builder
	items   []item
	frames  []index.Place // of each frame: its first position and its address
	end     address       // where the log goes on
}

// An item is an event, or a batch's key, for the indexer.
type item struct {
	place    index.Place
	stream   string
	typ      string
	tags     []string // those by which it is found: see foundBy
	revision cairn.Revision
	key      string  // set: no event but the key of a batch, whose frame is at place
	record   *record // set: that of the stream, or of the one it describes, from here on
}

// sequence gives every request of the group its place, or its refusal.
func (q *sequencer) sequence(g *group) *part {
	p := &part{group: g}
	p.first = q.next
	p.builder.Buf = make([]byte, 0, g.size)
	p.items = make([]item, 0, g.events)
	p.frames = make([]index.Place, 0, len(g.requests))
	q.part = p
	now := q.now()
	for _, r := range g.requests {
		q.place(r, p, now)
	}
	q.seal(p)
	return p
}

// now reads the clock, which never goes back.
func (q *sequencer) now() int64 {
	q.lastTime = max(q.lastTime, q.clock().UnixNano())
	return q.lastTime
}

// seal gives the part its address.
func (q *sequencer) seal(p *part) {
	p.buf = p.builder.Buf
	p.last = q.next - 1
	p.at = q.store.log.Plan(q.end, p.first, len(p.buf))
	if len(p.buf) > 0 {
		q.end = p.at + uint64(len(p.buf))
	}
	p.end = q.end
	for i := range p.frames {
		p.frames[i].Address += p.at
	}
	for i := range p.items {
		p.items[i].settle(p)
	}
}

// settle turns offsets in the part into addresses.
func (it *item) settle(p *part) {
	it.place.Address += p.at
	if it.record == nil {
		return
	}
	if it.record.metadata.Position >= p.first {
		it.record.metadata.Address += p.at
	}
	if it.record.tombstone.Position >= p.first {
		it.record.tombstone.Address += p.at
	}
}

func (q *sequencer) place(r *request, p *part, now int64) {
	if r.ctx.Err() != nil {
		r.err = context.Cause(r.ctx)
		return
	}
	q.streams.turn()
	q.keys.turn()
	q.ids.turn()
	if r.key != "" {
		if found, err := q.answered(r); found || err != nil {
			r.err = err
			return
		}
	}
	if r.err = q.judge(r); r.err != nil || len(r.verdicts) > 0 || r.duplicate {
		return
	}
	r.err = q.admit(r, p, now)
}

// answered looks for the answer that the request's key got before.
func (q *sequencer) answered(r *request) (found bool, err error) {
	k, ok := q.keys.get(r.key)
	if !ok {
		if k, ok, err = q.store.lookupKey(r.key); err != nil || !ok {
			return false, err
		}
		q.keys.put(r.key, k)
	}
	r.revisions, r.position, r.duplicate = slices.Clone(k.revisions), k.position, true
	return true, nil
}

// stand finds out where the streams of the writes stand.
func (q *sequencer) stand(r *request) (err error) {
	r.at = r.onAt[:]
	if len(r.writes) > 1 {
		r.at = make([]*standing, len(r.writes))
	}
	for i := range r.writes {
		if r.at[i], err = q.standing(r.writes[i].Stream); err != nil {
			return err
		}
	}
	return nil
}

// standing is where the stream of that name, or the one it describes, stands.
func (q *sequencer) standing(name string) (*standing, error) {
	stream, _ := addressed(name)
	if s, ok := q.streams.get(stream); ok {
		return s, nil
	}
	s, err := q.store.lookupStanding(stream)
	if err != nil {
		return nil, err
	}
	q.streams.put(stream, s)
	return s, nil
}

// matched reports whether an event behind a position matches the query. It
// looks at all that was sequenced: what is durable, and the part in hand.
func (q *sequencer) matched(query cairn.Query, after cairn.Position) (bool, error) {
	if q.part.matches(query, after) {
		return true, nil
	}
	head := q.store.head.get()
	if after >= head {
		return false, nil
	}
	for _, err := range q.store.ReadAll(context.Background(), cairn.AllOptions{After: after, Before: head + 1, Query: query, Limit: 1}) {
		return err == nil, err
	}
	return false, nil
}

// matches reports whether an event of the part behind a position matches.
func (p *part) matches(query cairn.Query, after cairn.Position) bool {
	var e cairn.Recorded
	for i := range p.items {
		it := &p.items[i]
		if it.key != "" || it.place.Position <= after {
			continue
		}
		e.Stream, e.Type, e.Tags, e.Revision = it.stream, it.typ, it.tags, it.revision
		if query.Match(&e) {
			return true
		}
	}
	return false
}
