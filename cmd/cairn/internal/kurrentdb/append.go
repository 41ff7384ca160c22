package kurrentdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/kurrent-io/KurrentDB-Client-Go/kurrentdb"

	"github.com/cairndb/cairn"
)

// Neighbours in one stream are appended together, up to half of what a KurrentDB
// accepts if it was not told otherwise.
const (
	groupEvents = 512
	groupBytes  = 512 << 10
)

func size(e *cairn.Recorded) int { return len(e.Type) + len(e.Data) + len(e.Metadata) + 64 }

// fits reports whether an event can be appended with those before it.
func (x *exporter) fits(e *cairn.Recorded) bool {
	return len(x.group) == 0 || x.group[0].Stream == e.Stream && !closes(e) && !closes(&x.group[0]) &&
		len(x.group) < groupEvents && x.bytes+size(e) <= groupBytes
}

// flush appends what is gathered.
func (x *exporter) flush(ctx context.Context) (err error) {
	if len(x.group) == 0 {
		return nil
	}
	if first := &x.group[0]; closes(first) {
		_, err = x.db.client.TombstoneStream(ctx, first.Stream, kurrentdb.TombstoneStreamOptions{StreamState: kurrentdb.Any{}})
	} else {
		err = x.append(ctx, first)
	}
	if err != nil {
		return x.failed(ctx, err)
	}
	x.report.Stored += int64(len(x.group))
	x.group, x.bytes = x.group[:0], 0
	return nil
}

func (x *exporter) append(ctx context.Context, first *cairn.Recorded) error {
	events := make([]kurrentdb.EventData, len(x.group))
	for i := range x.group {
		events[i] = proposed(&x.group[i].Event)
	}
	o := kurrentdb.AppendToStreamOptions{StreamState: x.expected(first)}
	r, err := x.db.client.AppendToStream(ctx, first.Stream, o, events...)
	if err == nil {
		x.at[first.Stream] = cairn.Revision(r.NextExpectedVersion)
	}
	return err
}

// expected is where the stream must stand in the target, as far as is known: so
// nothing is stored twice, and nobody else's events get in between.
func (x *exporter) expected(e *cairn.Recorded) kurrentdb.StreamState {
	at, known := x.at[e.Stream]
	_, meta := cairn.DescribedStream(e.Stream)
	switch {
	case meta: // to which the server writes too
		return kurrentdb.Any{}
	case known:
		return kurrentdb.Revision(uint64(at))
	case e.Revision == 0:
		return kurrentdb.NoStream{}
	}
	return kurrentdb.Any{}
}

func proposed(e *cairn.Event) kurrentdb.EventData {
	p := kurrentdb.EventData{EventID: [16]byte(e.ID), EventType: e.Type, Data: e.Data, Metadata: e.Metadata}
	if e.Format == cairn.JSON {
		p.ContentType = kurrentdb.ContentTypeJson
	}
	return p
}

// ErrOthers is matched by the error of a copy into a stream that holds events
// which are not in the source.
var ErrOthers = errors.New("the stream holds other events in the target")

func (x *exporter) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	doing := fmt.Sprintf("appending revision %v of stream %q", x.group[0].Revision, x.group[0].Stream)
	if e, ok := errors.AsType[*kurrentdb.Error](err); ok && e.Code() == kurrentdb.ErrorCodeWrongExpectedVersion {
		return failed(doing, fmt.Errorf("%w: %w", ErrOthers, e.Err()))
	}
	return failed(doing, err)
}
