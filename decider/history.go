package decider

import (
	"context"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// StateAt folds a stream up to and including a revision. It returns the state
// and the revision of the last event folded, which is lower where the stream is
// shorter. At [cairn.NoStream] every stream has the initial state.
//
// If the stream shows nothing up to that revision though there was something,
// the error matches [ErrHidden]. A stream that shows the later part of what was
// asked for is folded from there, as [Decider.Load] does.
func (d *Decider[S, E]) StateAt(ctx context.Context, stream string, revision cairn.Revision) (S, cairn.Revision, error) {
	switch {
	case revision < cairn.NoStream:
		return d.options.Initial(), cairn.NoStream, invalid("revision", "%v is no place in a stream", revision)
	case revision == cairn.NoStream:
		return d.options.Initial(), cairn.NoStream, nil
	}
	return d.past(ctx, stream, func(r *cairn.Recorded) bool { return r.Revision <= revision })
}

// StateAsOf folds a stream up to and including a moment. The stream ends, for
// this, before the first event with a later time. It returns the state and the
// revision of the last event folded: [cairn.NoStream] if there was none.
//
// If the stream shows nothing up to that moment and no longer shows its
// beginning either, the error matches [ErrHidden].
func (d *Decider[S, E]) StateAsOf(ctx context.Context, stream string, t time.Time) (S, cairn.Revision, error) {
	return d.past(ctx, stream, func(r *cairn.Recorded) bool { return !r.Time.After(t) })
}

// past folds a stream for as long as within holds.
func (d *Decider[S, E]) past(ctx context.Context, stream string, within func(*cairn.Recorded) bool) (S, cairn.Revision, error) {
	v, began := d.initial(), cairn.NoStream
	for r, err := range d.store.ReadStream(ctx, stream, cairn.ReadOptions{}) {
		if err == nil && began < 0 {
			began = r.Revision
		}
		if err == nil && !within(&r) {
			break
		}
		if err == nil {
			err = d.add(&v, &r)
		}
		if err != nil {
			return d.options.Initial(), cairn.NoStream, fmt.Errorf("decider: load stream %q: %w", stream, err)
		}
	}
	return v.state, v.last, d.shown(ctx, stream, began, v.last)
}

// shown reports ErrHidden if nothing was folded and that may be because of
// events that are hidden.
func (d *Decider[S, E]) shown(ctx context.Context, stream string, began, last cairn.Revision) error {
	if last >= 0 || began == 0 {
		return nil
	}
	if began < 0 {
		info, err := d.inspect(ctx, stream)
		if err != nil || info.Last < 0 {
			return err
		}
	}
	return fmt.Errorf("%w: stream %q no longer shows its beginning", ErrHidden, stream)
}
