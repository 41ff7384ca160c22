package timer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// aim looks at timers, several at once, and says what is to be done about them.
func (r *runner) aim(ctx context.Context, due []entry) ([]shot, error) {
	shots, errs := make([]shot, len(due)), make([]error, min(r.o.Readers, len(due)))
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(due) && errs[i] == nil; n = int(next.Add(1)) - 1 {
				shots[n], errs[i] = r.look(ctx, due[n])
			}
		})
	}
	wg.Wait()
	return shots, errors.Join(errs...)
}

// look reads what set a timer, and what has become of it since.
func (r *runner) look(ctx context.Context, at entry) (s shot, err error) {
	s.entry = at
	stream := r.category.stream(at.key)
	events, err := cairn.Collect(r.store.ReadStream(ctx, stream, cairn.ReadOptions{From: at.revision, Limit: 3}))
	switch {
	case errors.Is(err, cairn.ErrStreamDeleted):
		return s, nil
	case err != nil:
		return s, err
	case len(events) == 0 || events[0].Revision != at.revision || events[0].Type != TypeSet:
		return s, nil // it has fired, or its stream was deleted
	case len(events) == 2 && events[1].Type == TypeCancelled:
		s.sweep = true
		s.batch.Writes = []cairn.Write{{Stream: stream, Expected: at.revision + 1, Delete: cairn.SoftDelete}}
		return s, nil
	case len(events) > 1:
		return s, nil // it was set anew
	}
	set, err := decodeSet(r.category, &events[0])
	if err != nil {
		s.refusal = err
		return s, nil
	}
	s.batch.Writes = []cairn.Write{
		{Stream: set.Fire.Stream, Expected: cairn.Any, Events: []cairn.Event{set.Fire.Event}},
		{Stream: stream, Expected: at.revision, Delete: cairn.SoftDelete},
	}
	return s, nil
}
