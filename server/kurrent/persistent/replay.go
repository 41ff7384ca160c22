package persistent

import (
	"context"
	"math"

	"github.com/cairndb/cairn"
)

// A replay is what is known of the parked events: those from first to end are
// stored, of these those from next to end are parked, and those before next were
// read again and are with the consumers, unless they are settled.
type replay struct {
	first, next, stop, end cairn.Revision
	unsettled              ledger
}

// begin finds out from the stream what is parked.
func (r *replay) begin(info cairn.StreamInfo) {
	r.first, r.end = info.Last+1, info.Last+1
	if info.State == cairn.StreamLive {
		r.first = info.First
	}
	r.next, r.stop = r.first, r.first
}

// lowest is the first parked event that is still needed.
func (r *replay) lowest() cairn.Revision {
	return cairn.Revision(r.unsettled.lowest(Place(r.next)))
}

// mayCut reports whether enough was settled for it to be cut off.
func (r *replay) mayCut() bool {
	n := r.lowest() - r.first
	return n >= mostParked || n > 0 && r.unsettled.Len() == 0
}

// Replay has what is parked delivered again, up to an event of the parked stream,
// which is not, or all if there is none.
func (s *Subscription) Replay(ctx context.Context, stopAt *int64) error {
	stop, err := s.parkedBefore(ctx, stopAt)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.replay
	if r.next < r.stop && len(s.consumers) > 0 {
		return &FailedError{s.Key, "a replay is under way already"}
	}
	r.stop = max(r.next, min(stop, r.end))
	s.call()
	return nil
}

// parkedBefore checks where to stop, and sees to it that what was given up before
// is parked.
func (s *Subscription) parkedBefore(ctx context.Context, stopAt *int64) (cairn.Revision, error) {
	stop := int64(math.MaxInt64)
	if stopAt != nil {
		stop = *stopAt
	}
	if stop < 0 {
		return 0, &FailedError{s.Key, "a replay cannot stop before the first parked event"}
	}
	if err := s.load(ctx); err != nil {
		return 0, err
	}
	return cairn.Revision(stop), s.parkAll(ctx)
}

// mayReplay reports whether more of what is parked may be read.
func (s *Subscription) mayReplay() bool {
	return s.replay.next < s.replay.stop && len(s.consumers) > 0 && s.held < s.most && s.retries.Len() < max(s.ReadBatchSize, 1)
}

// readParked reads some of what is replayed.
func (s *Subscription) readParked(ctx context.Context) error {
	s.mu.Lock()
	from, stop := s.replay.next, s.replay.stop
	s.mu.Unlock()
	o := cairn.ReadOptions{From: from, Before: stop, Limit: max(s.ReadBatchSize, 1)}
	read := 0
	for link, err := range s.store.ReadStream(ctx, s.parked(), o) {
		if err != nil {
			return err
		}
		e, err := s.source.Resolve(ctx, link)
		if err != nil {
			return err
		}
		e.Place = Place(link.Revision)
		if !s.replayOne(e, from) {
			return nil
		}
		from, read = link.Revision+1, read+1
	}
	if read < o.Limit {
		s.mu.Lock()
		s.replay.next = max(s.replay.next, stop)
		s.mu.Unlock()
	}
	return nil
}

// replayOne has a parked event wait for a consumer. It reports whether another may
// be read; somebody may have cut the stream off meanwhile.
func (s *Subscription) replayOne(e Entry, from cairn.Revision) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replay.next > from {
		return false
	}
	m := &message{replayed: true}
	s.hold(m, e)
	s.replay.next = cairn.Revision(e.Place) + 1
	s.replay.unsettled.add(m)
	s.retries.push(m)
	if len(s.consumers) == 0 { // they have just gone
		s.forget(m)
		s.unloaded++
	}
	s.deliver()
	return s.held < s.most
}

// cutReplayed hides what was replayed and settled.
func (s *Subscription) cutReplayed(ctx context.Context) error {
	s.mu.Lock()
	before := s.replay.lowest()
	s.mu.Unlock()
	return s.cut(ctx, before)
}

// cut hides the parked events before one.
func (s *Subscription) cut(ctx context.Context, before cairn.Revision) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	info, err := s.store.StreamInfo(ctx, s.parked())
	if err != nil {
		return err
	}
	if info.State == cairn.StreamLive && info.First < before {
		if _, err := cairn.Truncate(ctx, s.store, s.parked(), before); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.replay
	r.first, r.next, r.stop = max(r.first, before), max(r.next, before), max(r.stop, before)
	return nil
}

// Truncate gives up what is parked, up to an event of the parked stream, which is
// kept, or all if there is none. What is being replayed is not taken back.
func (s *Subscription) Truncate(ctx context.Context, stopAt *int64) error {
	stop, err := s.parkedBefore(ctx, stopAt)
	if err != nil {
		return err
	}
	s.mu.Lock()
	stop = min(stop, s.replay.end)
	s.mu.Unlock()
	return s.cut(ctx, stop)
}

// parkedCount is how many events are parked, but for those being replayed.
func (s *Subscription) parkedCount() int64 {
	return max(int64(s.replay.end-s.replay.next), 0)
}
