package projection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// A batch is what one transaction does: it applies events and moves the checkpoint
// of their lane.
type batch struct {
	Change
	next  Checkpoint
	value string   // of the lane's entry afterwards
	apply []*Event // without those whose key is parked
	keys  []Entry  // of parked keys that change
}

// prepare makes the batch of some events.
func (l *lane[Tx]) prepare(events []*Event) (*batch, error) {
	b := &batch{next: l.at, apply: events}
	for _, e := range events {
		b.next.Position = e.Position
		b.next.Add(&e.Recorded)
	}
	if len(l.keys) > 0 {
		if err := l.divert(b, events); err != nil {
			return nil, err
		}
	}
	for _, e := range b.apply {
		if err := l.trace(b, e, l.build.Build); err != nil {
			return nil, err
		}
	}
	l.close(b)
	return b, nil
}

// close completes a batch with the entry of its lane, which goes first.
func (l *lane[Tx]) close(b *batch) {
	b.next.Updated = time.Now().UTC()
	b.value = encode(b.next)
	b.Expect = append([]Entry{{l.key, l.value}}, b.Expect...)
	b.Put = append([]Entry{{l.key, b.value}}, b.Put...)
}

// advance moves the checkpoint over events that are none of the lane's.
func (l *lane[Tx]) advance(ctx context.Context) error {
	b := &batch{next: l.at}
	b.next.Position = l.reached
	l.close(b)
	failure, err := l.commit(ctx, b)
	return errors.Join(err, failure)
}

// trace records the rows that an event has an effect on.
func (r *runner[Tx]) trace(b *batch, e *Event, build int) (err error) {
	if r.p.Lineage == nil {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
		if err != nil {
			err = &EventError{e.Position, err}
		}
	}()
	for _, row := range r.p.Lineage(&e.Recorded) {
		if len(row) > maxRow {
			return &cairn.InvalidError{Field: "row", Problem: fmt.Sprintf("the name %.40q… that Lineage gave has more than %d bytes", row, maxRow), Limit: maxRow}
		}
		b.Put = append(b.Put, Entry{r.place.rowAt(build, row, e.Position), encode(rowEntry{row})})
	}
	return nil
}

// maxRow is how long the name of a row may be.
const maxRow = 4 << 10

// A rowEntry says which row an entry is about.
type rowEntry struct {
	Row string `json:"row"`
}
