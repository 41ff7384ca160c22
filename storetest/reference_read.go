package storetest

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// A reading is one run of an iterator.
type reading struct {
	*reference
	ctx    context.Context
	yield  func(cairn.Recorded, error) bool
	left   int // how many events it may still yield; negative is no limit
	passed int // since it last said where it is
}

func (r *reference) reading(ctx context.Context, limit int, yield func(cairn.Recorded, error) bool) *reading {
	if limit == 0 {
		limit = -1
	}
	return &reading{reference: r, ctx: ctx, yield: yield, left: limit}
}

// fail ends the reading with an error.
func (r *reading) fail(err error) { r.yield(cairn.Recorded{}, err) }

// emit yields an event and reports whether to go on.
func (r *reading) emit(e cairn.Recorded) bool {
	r.mu.Lock()
	err := r.ready(r.ctx)
	r.mu.Unlock()
	if err != nil {
		r.fail(err)
		return false
	}
	r.left--
	return r.yield(clone(e), nil) && r.left != 0
}

// wait waits for a change. It is false if the reading has ended instead.
func (r *reading) wait(changed <-chan struct{}) bool {
	select {
	case <-changed:
		return true
	case <-r.ctx.Done():
		r.fail(context.Cause(r.ctx))
		return false
	}
}

func (r *reference) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		run := r.reading(ctx, o.Limit, yield)
		if err := cairn.ValidateStream("stream", stream); err != nil {
			run.fail(err)
		} else if err := o.Validate(); err != nil {
			run.fail(err)
		} else {
			run.stream(stream, &o)
		}
	}
}

// stream yields what can be read now and then, if it follows, what comes.
func (r *reading) stream(stream string, o *cairn.ReadOptions) {
	events, seen, err := r.visible(stream, o)
	if err != nil {
		r.fail(err)
		return
	}
	for {
		for _, e := range events {
			if !r.emit(e) {
				return
			}
		}
		end := o.Before != 0 && cairn.Revision(seen) >= o.Before
		if !o.Follow || end {
			return
		}
		if events, seen, err = r.await(stream, o, seen); err != nil {
			r.fail(err)
			return
		} else if events == nil {
			return
		}
	}
}

// visible is the part of a stream that can be read and is asked for, and how
// many events the stream has.
func (r *reading) visible(stream string, o *cairn.ReadOptions) (events []cairn.Recorded, seen int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(r.ctx); err != nil {
		return nil, 0, err
	}
	s := r.look(stream)
	if s.tombstone != 0 {
		return nil, 0, &cairn.DeletedError{Stream: stream, Tombstone: true}
	}
	oldest := time.Now().Add(-s.meta.MaxAge)
	for _, p := range s.events[s.first():] {
		e := r.at(p)
		tooOld := s.meta.MaxAge > 0 && e.Time.Before(oldest)
		if inRange(e, o) && !tooOld {
			events = append(events, *e)
		}
	}
	if o.Backward {
		slices.Reverse(events)
	}
	return events, len(s.events), nil
}

func inRange(e *cairn.Recorded, o *cairn.ReadOptions) bool {
	return e.Revision >= o.From && (o.Before == 0 || e.Revision < o.Before)
}

// await waits until the stream has more events than were seen and returns the
// new ones. It returns nil events if the reading has ended.
func (r *reading) await(stream string, o *cairn.ReadOptions, seen int) ([]cairn.Recorded, int, error) {
	for told := false; ; {
		r.mu.Lock()
		events, err, changed := r.since(stream, o, seen), r.ready(r.ctx), r.changed
		now, s := len(r.streams[stream]), r.look(stream)
		r.mu.Unlock()
		switch {
		case err != nil:
			return nil, 0, err
		case now > seen:
			return events, now, nil
		case s.tombstone != 0:
			return nil, 0, &cairn.DeletedError{Stream: stream, Tombstone: true}
		case o.CaughtUp != nil && !told:
			o.CaughtUp(cairn.Revision(seen) - 1)
			told = true
		case !r.wait(changed):
			return nil, 0, nil
		}
	}
}

// since is what came after the first seen events. It is not nil.
func (r *reading) since(stream string, o *cairn.ReadOptions, seen int) []cairn.Recorded {
	events := []cairn.Recorded{}
	for _, p := range r.streams[stream][seen:] {
		if e := r.at(p); inRange(e, o) {
			events = append(events, *e)
		}
	}
	return events
}
