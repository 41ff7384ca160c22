package disk

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// ReadStream implements [cairn.StreamReader].
func (s *Store) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		r := streamReader{store: s, ctx: ctx, stream: stream, ReadOptions: o, yield: yield, next: o.From}
		r.names.size = streamNames
		if err := r.run(); err != nil && err != errEnough {
			yield(cairn.Recorded{}, err)
		}
	}
}

// A streamReader is one pass over a stream.
type streamReader struct {
	cairn.ReadOptions
	store  *Store
	ctx    context.Context
	stream string
	yield  func(cairn.Recorded, error) bool
	names  interner
	fetch  fetcher
	given  int            // events yielded
	next   cairn.Revision // to look at, forward
	last   cairn.Revision // of the stream, when it was last looked at
	live   bool           // it has been at the end once: from there on nothing is hidden from it
}

func (r *streamReader) run() error {
	if err := cairn.ValidateStream("stream", r.stream); err != nil {
		return err
	}
	if err := r.Validate(); err != nil {
		return err
	}
	r.fetch.store = r.store
	var w *watcher
	if r.Follow {
		var err error
		if w, err = r.store.watchStream(r.stream); err != nil {
			return err
		}
		defer r.store.watchers.remove(w)
	}
	for head := r.store.head.get(); ; {
		if err := r.store.interrupted(r.ctx); err != nil {
			return err
		}
		if err := r.upTo(head); err != nil || !r.Follow || r.Before > 0 && r.next >= r.Before {
			return err
		}
		if r.CaughtUp != nil {
			r.CaughtUp(r.last)
		}
		r.live = true
		r.fetch.rest()
		var err error
		if _, head, err = r.store.await(r.ctx, w, head); err != nil {
			return err
		}
	}
}

// upTo yields what there is when the head is at p.
func (r *streamReader) upTo(p cairn.Position) error {
	if err := r.store.indexer.processed.wait(r.ctx, p); err != nil {
		return err
	}
	snap, err := r.store.snapshot(r.stream, p)
	if err != nil {
		return err
	}
	if snap.tombstoned && !r.live {
		return &cairn.DeletedError{Stream: r.stream, Tombstone: true}
	}
	from, to := max(r.From, snap.from), snap.last+1
	if r.live {
		from = r.next
	}
	if r.Before > 0 {
		to = min(to, r.Before)
	}
	if err := r.between(from, to, p, snap.oldest()); err != nil {
		return err
	}
	r.next, r.last = max(r.next, to), snap.last
	if snap.tombstoned {
		return r.closed(snap.record)
	}
	return nil
}

// between yields the events in [from, to), but for those that are too old.
func (r *streamReader) between(from, to cairn.Revision, through cairn.Position, oldest int64) error {
	for size := firstBatch; from < to; size = min(2*size, largeBatch) {
		if r.Limit > 0 {
			size = min(size, r.Limit-r.given)
		}
		found, last, err := r.store.places(r.stream, from, to, through, r.Backward, size)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return nil
		}
		if err := r.give(found, oldest); err != nil {
			return err
		}
		if r.Backward {
			to = last
		} else {
			from = last + 1
		}
	}
	return nil
}

// give yields the events at some places, but for those that are too old.
func (r *streamReader) give(places []index.Place, oldest int64) error {
	for batch := range slices.Chunk(places, fetchBatch) {
		events, broken := r.fetch.fetch(batch)
		for i := range events {
			if err := r.event(&events[i], oldest); err != nil {
				return err
			}
		}
		if broken != nil {
			return broken
		}
	}
	return nil
}

func (r *streamReader) event(e *frame.Event, oldest int64) error {
	if err := r.store.interrupted(r.ctx); err != nil {
		return err
	}
	if e.Time < oldest {
		return nil
	}
	r.given++
	var rec cairn.Recorded
	r.names.record(e, &rec)
	if !r.yield(rec, nil) || r.given == r.Limit {
		return errEnough
	}
	return nil
}

// closed tells a follower that the stream was closed: by the event that did it,
// then by the error.
func (r *streamReader) closed(rec *record) error {
	if _, meta := addressed(r.stream); !meta {
		if err := r.give([]index.Place{rec.tombstone}, forever); err != nil {
			return err
		}
	}
	return &cairn.DeletedError{Stream: r.stream, Tombstone: true}
}

// A snapshot is what a reader may know of a stream.
type snapshot struct {
	*record
	last cairn.Revision
	from cairn.Revision // the first that is not hidden by truncation or count
	meta bool
}

// snapshot looks at a stream as of a position that is in recent or in the index.
func (s *Store) snapshot(name string, through cairn.Position) (snapshot, error) {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.shut {
		return snapshot{}, cairn.ErrClosed
	}
	stream, meta := addressed(name)
	rec, err := s.record(stream, through)
	if err != nil {
		return snapshot{}, err
	}
	last, err := s.lastOf(name, through)
	snap := snapshot{record: rec, last: last, meta: meta}
	switch {
	case rec.tombstoned:
		snap.from = last + 1
	case meta:
		snap.from = max(0, last) // only the last can be read
	default:
		snap.from = rec.from(last)
	}
	return snap, err
}

// forever is before every time there is.
const forever int64 = -1 << 63

// oldest is the time in nanoseconds before which events are hidden.
func (s *snapshot) oldest() int64 {
	if s.meta || s.maxAge == 0 {
		return forever
	}
	return time.Now().Add(-s.maxAge).UnixNano()
}

// StreamInfo implements [cairn.Inspector].
func (s *Store) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	if err := cairn.ValidateStream("stream", stream); err != nil {
		return cairn.StreamInfo{}, err
	}
	if err := s.interrupted(ctx); err != nil {
		return cairn.StreamInfo{}, err
	}
	head := s.head.get()
	if err := s.indexer.processed.wait(ctx, head); err != nil {
		return cairn.StreamInfo{}, err
	}
	snap, err := s.snapshot(stream, head)
	if err != nil {
		return cairn.StreamInfo{}, err
	}
	return s.describe(stream, &snap)
}

func (s *Store) describe(stream string, snap *snapshot) (cairn.StreamInfo, error) {
	info := cairn.StreamInfo{
		Stream: stream, Last: snap.last, First: snap.from, State: snap.state(),
		MetadataRevision: cairn.NoStream,
	}
	if snap.meta {
		return info, nil
	}
	info.MetadataRevision = snap.metaLast
	var err error
	info.Metadata, err = s.metadata(snap.record)
	return info, err
}

func (s *snapshot) state() cairn.StreamState {
	switch {
	case s.tombstoned:
		return cairn.StreamTombstoned
	case !s.meta && s.softDeleted():
		return cairn.StreamSoftDeleted
	case s.last >= 0:
		return cairn.StreamLive
	}
	return cairn.StreamMissing
}
