package system

import (
	"context"
	"iter"

	"github.com/cairndb/cairn"
)

// An Embedded is a Cairn store, whatever kind it is.
type Embedded struct{ cairn.Store }

// Append implements [System].
func (s Embedded) Append(ctx context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	_, err := s.Store.Append(ctx, stream, expected, events...)
	return err
}

// Load implements [Loader].
func (s Embedded) Load(ctx context.Context, chunks iter.Seq[[]cairn.Write]) error {
	for writes := range chunks {
		if _, err := s.Store.Commit(ctx, cairn.Batch{Writes: writes}); err != nil {
			return err
		}
	}
	return nil
}

// ReadAll implements [System].
func (s Embedded) ReadAll(ctx context.Context) (Tally, error) {
	return count(s.Store.ReadAll(ctx, cairn.AllOptions{}))
}

// ReadStream implements [StreamReader].
func (s Embedded) ReadStream(ctx context.Context, stream string) (Tally, error) {
	return count(s.Store.ReadStream(ctx, stream, cairn.ReadOptions{}))
}

// ReadType implements [TypeReader].
func (s Embedded) ReadType(ctx context.Context, eventType string) (Tally, error) {
	return count(s.Store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByType(eventType)}))
}

func count(events iter.Seq2[cairn.Recorded, error]) (t Tally, err error) {
	for e, err := range events {
		if err != nil {
			return t, err
		}
		t.event(&e)
	}
	return t, nil
}

// Follow implements [Follower].
func (s Embedded) Follow(ctx context.Context, ready, visit func()) error {
	info, err := s.Store.Info(ctx)
	if err != nil {
		return err
	}
	first := func(cairn.Position) {
		if ready != nil {
			ready()
			ready = nil
		}
	}
	for _, err := range s.Store.ReadAll(ctx, cairn.AllOptions{After: info.Head, Follow: true, CaughtUp: first}) {
		if err != nil {
			return ended(ctx, err)
		}
		visit()
	}
	return nil
}

// ended hides the error of a follower that was asked to end.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
