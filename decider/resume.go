package decider

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider/snapshot"
)

// errStale means that a snapshot is not one of the stream as it is now.
var errStale = errors.New("it does not fit the stream")

// resume folds a stream from its snapshot. It reports false if there is none
// that can be proved to give what folding the whole stream would.
func (d *Decider[S, E]) resume(ctx context.Context, stream string) (view[S], bool) {
	if d.options.Snapshots == nil {
		return view[S]{}, false
	}
	snap, ok, err := d.options.Snapshots.Store.Load(ctx, stream)
	var v view[S]
	if ok && err == nil {
		v, err = d.after(ctx, stream, &snap)
	}
	if err != nil {
		d.options.Logger.InfoContext(ctx, "snapshot not used", "stream", stream, "err", err)
	}
	return v, ok && err == nil
}

// after folds what a stream shows after a snapshot.
func (d *Decider[S, E]) after(ctx context.Context, stream string, snap *snapshot.Snapshot) (view[S], error) {
	v, err := d.open(stream, snap)
	if err != nil {
		return v, err
	}
	bound := false
	err = d.read(ctx, stream, cairn.ReadOptions{From: snap.Revision}, func(r cairn.Recorded) error {
		if bound {
			return d.add(&v, &r)
		}
		bound = r.Revision == snap.Revision && r.ID == snap.Event
		if !bound {
			return errStale
		}
		return nil
	})
	if err == nil && !bound {
		err = errStale
	}
	if err != nil {
		return v, err
	}
	return v, d.begins(ctx, stream, snap.First)
}

// open decodes a snapshot that is sealed and of the right version.
func (d *Decider[S, E]) open(stream string, snap *snapshot.Snapshot) (v view[S], err error) {
	switch {
	case !snap.Sealed(stream):
		return v, errors.New("its checksum is wrong")
	case snap.Version != d.snapshot:
		return v, fmt.Errorf("its version is %q, not %q", snap.Version, d.snapshot)
	case snap.First < 0 || snap.Revision < snap.First:
		return v, errStale
	}
	v = view[S]{first: snap.First, last: snap.Revision, event: snap.Event}
	v.state, err = d.options.Snapshots.Unmarshal(snap.State)
	return v, err
}

// begins makes sure that the first event that a stream shows still is the one
// that was folded first. It is asked after the stream was read, so that a
// truncation that the read may have seen is seen here. Which events an age hides
// depends on the time of reading; snapshots of such streams are not used.
func (d *Decider[S, E]) begins(ctx context.Context, stream string, first cairn.Revision) error {
	info, err := d.inspect(ctx, stream)
	if err != nil {
		return err
	}
	if info.First != first || info.Metadata.MaxAge > 0 {
		return errStale
	}
	return nil
}

// seal makes a snapshot of what was just folded if one is due. It is made from
// what was read, never from what is about to be appended.
func (d *Decider[S, E]) seal(ctx context.Context, stream string, v *view[S]) *snapshot.Snapshot {
	o := d.options.Snapshots
	if o == nil || v.folded < o.Every || !d.worthwhile(ctx, stream) {
		return nil
	}
	state, err := o.copy(v.state)
	if err != nil {
		d.options.Logger.WarnContext(ctx, "snapshot not made", "stream", stream, "err", err)
		return nil
	}
	s := snapshot.Snapshot{Revision: v.last, Event: v.event, First: v.first, Version: d.snapshot, State: state}.Seal(stream)
	return &s
}

// worthwhile reports whether a snapshot of a stream has a chance of being used:
// where the stream begins must not depend on time, nor move with each append.
func (d *Decider[S, E]) worthwhile(ctx context.Context, stream string) bool {
	info, err := d.store.StreamInfo(ctx, stream)
	return err == nil && info.Metadata.MaxAge == 0 && info.Metadata.MaxCount == 0
}

// save keeps the snapshot that a load has made, if any.
func (d *Decider[S, E]) save(ctx context.Context, stream string, v view[S]) {
	if v.due == nil {
		return
	}
	if err := d.options.Snapshots.Store.Save(ctx, stream, *v.due); err != nil {
		d.options.Logger.WarnContext(ctx, "snapshot not saved", "stream", stream, "err", err)
	}
}
