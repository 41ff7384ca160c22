package persistent

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// typeCheckpoint is the type of the events that say how far a subscription has
// come.
const typeCheckpoint = "$SubscriptionCheckpoint"

// keptCheckpoints is how many of them can be read.
const keptCheckpoints = 5

// farBehind is how many events of the log may be passed over that the filter does
// not select, until that is written down though nothing was settled. The
// checkpoint is such an event itself.
const farBehind = 10_000

// A checkpoint is how far a subscription has come: everything up to a place is
// settled.
type checkpoint struct {
	at    Place     // as it is stored; none if it is not
	count int       // events settled since
	first time.Time // when the first of them was
	base  Place     // where the subscription began when it was loaded
	hurry bool      // there is nobody any more: write it whatever the count
}

// settled counts an event.
func (c *checkpoint) settled(now time.Time) {
	if c.count == 0 {
		c.first = now
	}
	c.count++
}

// mark is the place up to which everything is settled: the one before the lowest
// that is not.
func (s *Subscription) mark() Place {
	return s.main.lowest(s.seen+1) - 1
}

// dueCheckpoint reports whether the mark is to be written down.
func (s *Subscription) dueCheckpoint(now time.Time) bool {
	c, mark := &s.checkpoint, s.mark()
	switch {
	case mark.text(s.Stream == All) == "" || mark <= c.at:
		return false
	case c.hurry && c.count > 0, c.count >= max(s.MaxCheckpointCount, 1), mark-max(c.at, c.base) >= farBehind && s.Stream == All:
		return true
	}
	return s.timely() && !now.Before(c.first.Add(s.CheckpointAfter))
}

// timely reports whether enough was settled for a checkpoint when its time comes.
func (s *Subscription) timely() bool {
	return s.CheckpointAfter > 0 && s.checkpoint.count >= max(s.MinCheckpointCount, 1)
}

// nextCheckpoint is when its time comes, if the mark has moved.
func (s *Subscription) nextCheckpoint() (time.Time, bool) {
	return s.checkpoint.first.Add(s.CheckpointAfter), s.timely() && s.mark() > s.checkpoint.at
}

// writeCheckpoint writes the mark down.
func (s *Subscription) writeCheckpoint(ctx context.Context) error {
	s.mu.Lock()
	mark, count := s.mark(), s.checkpoint.count
	s.mu.Unlock()
	if err := s.storeCheckpoint(ctx, mark); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.checkpoint
	c.at, c.count, c.hurry = mark, c.count-count, false
	c.first = time.Now()
	return nil
}

func (s *Subscription) storeCheckpoint(ctx context.Context, p Place) error {
	data, err := json.Marshal(p.text(s.Stream == All))
	if err != nil {
		return err
	}
	if err := s.keepFew(ctx); err != nil {
		return err
	}
	_, err = s.store.Append(ctx, s.Key.checkpoint(), cairn.Any, cairn.Event{ID: cairn.NewID(), Type: typeCheckpoint, Data: data})
	return err
}

// keepFew says that only the last checkpoints can be read.
func (s *Subscription) keepFew(ctx context.Context) error {
	info, err := s.store.StreamInfo(ctx, s.Key.checkpoint())
	if err != nil || info.State == cairn.StreamLive || info.Metadata.MaxCount > 0 && info.State == cairn.StreamMissing {
		return err
	}
	m := cairn.StreamMetadata{MaxCount: keptCheckpoints}
	_, err = cairn.SetMetadata(ctx, s.store, s.Key.checkpoint(), info.MetadataRevision, m)
	return err
}

// readCheckpoint reads what was stored last.
func (s *Subscription) readCheckpoint(ctx context.Context) (Place, error) {
	for e, err := range s.store.ReadStream(ctx, s.Key.checkpoint(), cairn.ReadOptions{Backward: true, Limit: 1}) {
		if err != nil {
			return none, err
		}
		p, err := decodeCheckpoint(e.Data, s.Stream == All)
		if err != nil {
			return none, fmt.Errorf("persistent: the checkpoint in %s is damaged: %w", s.Key.checkpoint(), err)
		}
		return p, nil
	}
	return none, nil
}

// decodeCheckpoint reads the data of a checkpoint.
func decodeCheckpoint(data []byte, all bool) (Place, error) {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return none, err
	}
	p, _, err := parsePlace(text, all)
	if err == nil && p < 0 {
		err = fmt.Errorf("%q is no place", text)
	}
	return p, err
}

// finish writes down what is still to be, when the subscription has stopped. What
// fails now is done again when it is started.
func (s *Subscription) finish(ctx context.Context) {
	for {
		s.mu.Lock()
		s.clerk.rests = time.Time{}
		s.checkpoint.hurry = s.checkpoint.count > 0
		do := s.task(time.Now())
		s.mu.Unlock()
		if do == nil {
			return
		}
		if err := do(ctx); err != nil {
			s.log.Warn("a persistent subscription stopped without writing down how far it has come", "subscription", s.Key.String(), "error", err)
			return
		}
	}
}
