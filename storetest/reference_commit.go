package storetest

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

func (r *reference) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	b, err := r.Commit(ctx, cairn.Batch{Writes: []cairn.Write{{Stream: stream, Expected: expected, Events: events}}})
	if err != nil {
		return cairn.Receipt{}, err
	}
	return cairn.Receipt{Revision: b.Revisions[0], Position: b.Position, Duplicate: b.Duplicate}, nil
}

func (r *reference) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if err := b.Validate(); err != nil {
		return cairn.BatchReceipt{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return cairn.BatchReceipt{}, err
	}
	if first, ok := r.keys[b.Key]; ok && b.Key != "" {
		first.Revisions, first.Duplicate = slices.Clone(first.Revisions), true
		return first, nil
	}
	receipt, err := r.decide(&b)
	if err != nil || receipt.Duplicate {
		return receipt, err
	}
	return r.store(&b), nil
}

// decide says whether the batch may be stored, or has been.
func (r *reference) decide(b *cairn.Batch) (cairn.BatchReceipt, error) {
	verdicts := r.verdicts(b)
	if duplicate, ok := r.duplicate(b, verdicts); ok {
		return duplicate, nil
	}
	var conflicts []*cairn.ConflictError
	for i, v := range verdicts {
		switch w := &b.Writes[i]; {
		case v.deleted != nil:
			return cairn.BatchReceipt{}, v.deleted
		case v.conflict != nil:
			conflicts = append(conflicts, v.conflict)
		case v.stored != 0:
			s := r.look(w.Stream)
			conflicts = append(conflicts, r.conflict(w.Stream, w.Expected, s.last()))
		}
	}
	for i := range b.Conditions {
		c, err := r.check(i, &b.Conditions[i])
		if err != nil {
			return cairn.BatchReceipt{}, err
		}
		if c != nil {
			conflicts = append(conflicts, c)
		}
	}
	if len(conflicts) == 0 {
		return cairn.BatchReceipt{}, nil
	}
	conflicts[0].Others = conflicts[1:]
	return cairn.BatchReceipt{}, conflicts[0]
}

func (r *reference) verdicts(b *cairn.Batch) (all []verdict) {
	ahead := map[string]int{}
	for i := range b.Writes {
		w := &b.Writes[i]
		all = append(all, r.judge(w, ahead[w.Stream]))
		ahead[w.Stream] += len(w.Events)
	}
	return all
}

// duplicate is the first answer to a batch all of whose events are recognised.
func (r *reference) duplicate(b *cairn.Batch, verdicts []verdict) (receipt cairn.BatchReceipt, ok bool) {
	receipt.Duplicate = true
	for i, v := range verdicts {
		s := r.look(b.Writes[i].Stream)
		stands := s.last()
		if len(b.Writes[i].Events) > 0 {
			if v.stored == 0 {
				return cairn.BatchReceipt{}, false
			}
			stands, receipt.Position, ok = r.at(v.stored).Revision, v.stored, true
		}
		receipt.Revisions = append(receipt.Revisions, stands)
	}
	if !ok {
		return cairn.BatchReceipt{}, false
	}
	return receipt, true
}

// store stores a batch about which nothing is wrong.
func (r *reference) store(b *cairn.Batch) (receipt cairn.BatchReceipt) {
	revivals := r.revivals(b)
	now, before := r.now(), r.head()
	for i := range b.Writes {
		r.write(&b.Writes[i], now)
	}
	if r.head() > before {
		receipt.Position = r.head()
	}
	receipt.Revisions = r.stands(b)
	r.revive(revivals, now)
	if b.Key != "" {
		r.keys[b.Key] = cairn.BatchReceipt{Revisions: slices.Clone(receipt.Revisions), Position: receipt.Position}
	}
	r.announce()
	return receipt
}

func (r *reference) write(w *cairn.Write, now time.Time) {
	switch w.Delete {
	case cairn.SoftDelete:
		r.add(cairn.MetadataStream(w.Stream), cairn.Event{Type: cairn.TypeMetadata, Data: []byte(`{"$tb":9223372036854775807}`)}, now)
	case cairn.Tombstone:
		r.add(w.Stream, cairn.Event{Type: cairn.TypeStreamDeleted}, now)
		r.log[r.head()-1].Revision = cairn.TombstoneRevision
	}
	for _, e := range w.Events {
		p := r.add(w.Stream, e, now)
		if _, ok := r.known[identity{w.Stream, e.ID}]; !ok && !e.ID.IsZero() {
			r.known[identity{w.Stream, e.ID}] = p
		}
	}
}

// add puts an event at the end of the log and of its stream.
func (r *reference) add(stream string, e cairn.Event, now time.Time) cairn.Position {
	if e.ID.IsZero() {
		e.ID = cairn.NewIDAt(now)
	}
	if e.Time.IsZero() {
		e.Time = now
	}
	e.Time = e.Time.Round(0).UTC()
	e.Data, e.Metadata, e.Tags = bytes.Clone(e.Data), bytes.Clone(e.Metadata), slices.Clone(e.Tags)
	slices.Sort(e.Tags)
	e.Tags = slices.Compact(e.Tags)
	at := r.head() + 1
	r.log = append(r.log, cairn.Recorded{Event: e, Stream: stream, Revision: cairn.Revision(len(r.streams[stream])), Position: at})
	r.streams[stream] = append(r.streams[stream], at)
	return at
}

// stands is, for each write, the revision of its last event, or where its
// stream stands now.
func (r *reference) stands(b *cairn.Batch) []cairn.Revision {
	all := make([]cairn.Revision, len(b.Writes))
	behind := map[string]int{}
	for i := len(b.Writes) - 1; i >= 0; i-- {
		w := &b.Writes[i]
		s := r.look(w.Stream)
		all[i] = s.last()
		if w.Delete == cairn.Tombstone {
			all[i] = cairn.TombstoneRevision
		}
		if len(w.Events) > 0 {
			all[i] -= cairn.Revision(behind[w.Stream])
		}
		behind[w.Stream] += len(w.Events)
	}
	return all
}

// now is the time of a commit. It never goes back.
func (r *reference) now() time.Time {
	if now := time.Now().Round(0).UTC(); now.After(r.clock) {
		r.clock = now
	}
	return r.clock
}
