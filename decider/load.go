package decider

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider/snapshot"
)

// A view is the state of a stream and how it came about.
type view[S any] struct {
	state S
	// expect is where the stream stands: what an append has to expect.
	expect cairn.Revision
	// deleted reports that the stream was soft-deleted.
	deleted bool

	// first and last are what was folded first and last; NoStream if nothing was.
	first, last cairn.Revision
	event       cairn.ID // of the last
	folded      int      // events, not counting those behind a snapshot

	due *snapshot.Snapshot // to be saved when there is time
}

// Load folds the events that a stream shows. The revision is where the stream
// stands, and so what an append has to expect; it can be that of an event that
// is hidden by the stream's metadata. A stream without events has the initial
// state; a tombstoned one is an error that matches [cairn.ErrStreamDeleted].
func (d *Decider[S, E]) Load(ctx context.Context, stream string) (S, cairn.Revision, error) {
	v, err := d.load(ctx, stream, false)
	if err != nil {
		return d.options.Initial(), cairn.NoStream, err
	}
	d.save(ctx, stream, v)
	return v.state, v.expect, nil
}

// load folds a stream. Its care is needed where the last event that can be read
// is not where the stream stands, because that one is hidden: the careful load
// first asks where it stands. In this order the state is never older than the
// expectation, so whatever happens in between is a conflict and not a lost
// update.
func (d *Decider[S, E]) load(ctx context.Context, stream string, careful bool) (view[S], error) {
	info := cairn.StreamInfo{Last: cairn.NoStream}
	if careful {
		var err error
		if info, err = d.inspect(ctx, stream); err != nil {
			return view[S]{}, err
		}
	}
	v, err := d.fold(ctx, stream)
	if err != nil {
		return v, err
	}
	v.expect, v.deleted = max(v.last, info.Last), v.last < 0 && info.State == cairn.StreamSoftDeleted
	if v.last >= 0 || careful {
		return v, nil
	}
	// Nothing can be read. Most often nothing was ever written.
	if info, err = d.inspect(ctx, stream); err != nil || info.Last < 0 {
		return v, err
	}
	return d.load(ctx, stream, true)
}

func (d *Decider[S, E]) inspect(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	info, err := d.store.StreamInfo(ctx, stream)
	if err != nil {
		return info, fmt.Errorf("decider: load stream %q: %w", stream, err)
	}
	return info, nil
}

// fold folds what a stream shows, from a snapshot if there is one that fits.
func (d *Decider[S, E]) fold(ctx context.Context, stream string) (view[S], error) {
	v, ok := d.resume(ctx, stream)
	if !ok {
		v = d.initial()
		err := d.read(ctx, stream, cairn.ReadOptions{}, func(r cairn.Recorded) error { return d.add(&v, &r) })
		if err != nil {
			return v, err
		}
	}
	v.due = d.seal(ctx, stream, &v)
	return v, nil
}

// add folds one more event.
func (d *Decider[S, E]) add(v *view[S], r *cairn.Recorded) error {
	e, err := d.codec.Decode(*r)
	if err != nil {
		return err
	}
	if v.first < 0 {
		v.first = r.Revision
	}
	v.state, v.last, v.event = d.evolve(v.state, e), r.Revision, r.ID
	v.folded++
	return nil
}

func (d *Decider[S, E]) initial() view[S] {
	return view[S]{state: d.options.Initial(), expect: cairn.NoStream, first: cairn.NoStream, last: cairn.NoStream}
}

// read calls fn with the events of a stream.
func (d *Decider[S, E]) read(ctx context.Context, stream string, o cairn.ReadOptions, fn func(cairn.Recorded) error) error {
	for r, err := range d.store.ReadStream(ctx, stream, o) {
		if err == nil {
			err = fn(r)
		}
		if err != nil {
			return fmt.Errorf("decider: load stream %q: %w", stream, err)
		}
	}
	return nil
}
