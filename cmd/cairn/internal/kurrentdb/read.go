package kurrentdb

import (
	"context"
	"errors"
	"io"
	"iter"
	"math"
	"strings"

	"github.com/kurrent-io/KurrentDB-Client-Go/kurrentdb"

	"github.com/cairndb/cairn"
)

// A place is where an event stands in the log of a KurrentDB. Its numbers have
// gaps, and events of one transaction share the first.
type place struct{ commit, prepare uint64 }

// behind reports whether p is behind q.
func (p place) behind(q place) bool {
	return p.commit > q.commit || p.commit == q.commit && p.prepare > q.prepare
}

func placeOf(e *kurrentdb.RecordedEvent) place { return place{e.Position.Commit, e.Position.Prepare} }

// head is where the last event stands; false if there is none.
func (db *DB) head(ctx context.Context) (at place, ok bool, err error) {
	o := kurrentdb.ReadAllOptions{Direction: kurrentdb.Backwards, From: kurrentdb.End{}}
	s, err := db.client.ReadAll(ctx, o, 1)
	if err != nil {
		return place{}, false, failed("looking for the end of the log", err)
	}
	defer s.Close()
	e, err := s.Recv()
	if errors.Is(err, io.EOF) {
		return place{}, false, nil
	}
	if err != nil {
		return place{}, false, failed("looking for the end of the log", err)
	}
	return placeOf(e.OriginalEvent()), true, nil
}

// events reads the log in order, up to the event that was the last when it began.
// Links are not resolved. It keeps the contract of [cairn.LogReader].
func (db *DB) events(ctx context.Context) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		head, ok, err := db.head(ctx)
		if err == nil && ok {
			err = db.until(ctx, head, yield)
		}
		switch {
		case err != nil && ctx.Err() != nil:
			yield(cairn.Recorded{}, context.Cause(ctx))
		case err != nil:
			yield(cairn.Recorded{}, err)
		}
	}
}

func (db *DB) until(ctx context.Context, head place, yield func(cairn.Recorded, error) bool) error {
	s, err := db.client.ReadAll(ctx, kurrentdb.ReadAllOptions{From: kurrentdb.Start{}}, math.MaxInt64)
	if err != nil {
		return failed("reading the log", err)
	}
	defer s.Close()
	for {
		r, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return failed("reading the log", err)
		}
		e := r.OriginalEvent()
		if at := placeOf(e); at.behind(head) || !yield(recorded(e), nil) || at == head {
			return nil
		}
	}
}

// recorded is an event as Cairn has it.
func recorded(e *kurrentdb.RecordedEvent) cairn.Recorded {
	format := cairn.Binary
	if e.ContentType == "application/json" {
		format = cairn.JSON
	}
	return cairn.Recorded{
		Event: cairn.Event{ID: cairn.ID(e.EventID), Type: e.EventType, Data: e.Data, Metadata: e.UserMetadata,
			Format: format, Time: e.CreatedDate},
		Stream:   e.StreamID,
		Revision: cairn.Revision(min(e.EventNumber, math.MaxInt64)),
		Position: cairn.Position(e.Position.Commit),
	}
}

// own reports whether a stream is the system's own, or the metadata of one that
// is.
func own(stream string) bool {
	if described, ok := cairn.DescribedStream(stream); ok {
		stream = described
	}
	return strings.HasPrefix(stream, "$")
}

// copied leaves out the events of streams of the system, unless they are wanted.
func copied(all iter.Seq2[cairn.Recorded, error], system bool) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range all {
			if (err != nil || system || !own(e.Stream)) && !yield(e, err) {
				return
			}
		}
	}
}
