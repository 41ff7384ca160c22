package kurrentdb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/importer"
)

// Import copies the log of a KurrentDB into a store, as far as it reaches when
// the copy begins, and compares. The report holds whatever the error. That the two
// sides differ is no error; the report says where.
func Import(ctx context.Context, from *DB, to cairn.Store, o Options) (Report, error) {
	source := newLedger(true)
	events := o.counting(source.entering(copied(from.events(ctx), o.System)), false)
	sum, err := importer.Events(ctx, to, events, importer.Options{DryRun: o.DryRun})
	r := Report{Stored: sum.Stored, Known: sum.Known, Differ: []Difference{}}
	r.source(source)
	if err != nil || o.DryRun {
		return r, plain(err)
	}
	if err := move(ctx, to, source); err != nil {
		return r, err
	}
	target := newLedger(true)
	if err := target.fill(o.counting(to.ReadAll(ctx, cairn.AllOptions{}), true)); err != nil {
		return r, err
	}
	r.compare(source, target)
	return r, nil
}

// plain is an error of the importer without the number of a line: there are none.
func plain(err error) error {
	if e, ok := errors.AsType[*importer.LineError](err); ok {
		return e.Err
	}
	return err
}

// fill enters all of a sequence.
func (l *ledger) fill(all iter.Seq2[cairn.Recorded, error]) error {
	for e, err := range all {
		if err != nil {
			return err
		}
		l.enter(&e)
	}
	return nil
}

// counting tells of every thousandth event.
func (o *Options) counting(all iter.Seq2[cairn.Recorded, error], comparing bool) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		n := int64(0)
		for e, err := range all {
			if !yield(e, err) {
				return
			}
			if n++; n%1000 == 0 {
				o.progress(n, comparing)
			}
		}
		o.progress(n, comparing)
	}
}

// move corrects what truncates a stream whose first events are gone: its
// revisions are lower in the store than they were, and so must be the one to
// truncate before. The ledger then has what is to be expected.
func move(ctx context.Context, to cairn.Store, l *ledger) error {
	for _, stream := range slices.Sorted(maps.Keys(l.streams)) {
		a := l.streams[stream]
		m, ok := a.moved()
		if !ok {
			continue
		}
		data, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("kurrentdb: the metadata of stream %q: %w", stream, err)
		}
		a.metadata = data
		if err := describe(ctx, to, stream, data, m); err != nil {
			return err
		}
	}
	return nil
}

// moved is the metadata that truncates the stream where it did; false if that is
// the metadata that it has.
func (a *account) moved() (m cairn.StreamMetadata, ok bool) {
	m = cairn.ParseStreamMetadata(a.metadata)
	gone := a.first
	if a.events == 0 {
		gone = m.TruncateBefore // nothing is left that it could hide
	}
	if a.closed || m.TruncateBefore == 0 || m.SoftDeleted() || gone == 0 {
		return m, false
	}
	m.TruncateBefore = max(m.TruncateBefore-gone, 0)
	return m, true
}

// describe sets the metadata of a stream, unless that is what it is.
func describe(ctx context.Context, to cairn.Store, stream string, data []byte, m cairn.StreamMetadata) error {
	info, err := to.StreamInfo(ctx, stream)
	if err != nil {
		return err
	}
	now, err := json.Marshal(info.Metadata)
	if err != nil || bytes.Equal(now, data) {
		return err
	}
	_, err = cairn.SetMetadata(ctx, to, stream, info.MetadataRevision, m)
	return err
}
