package system

import (
	"context"
	"iter"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// cairnSystem is Cairn's disk engine with its default options.
type cairnSystem struct{ store *disk.Store }

func openCairn(_ context.Context, o Options) (System, error) {
	store, err := disk.Open(o.Dir, nil)
	if err != nil {
		return nil, err
	}
	return &cairnSystem{store}, nil
}

func (s *cairnSystem) Append(ctx context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	_, err := s.store.Append(ctx, stream, expected, events...)
	return err
}

func (s *cairnSystem) Load(ctx context.Context, chunks iter.Seq[[]cairn.Write]) error {
	for writes := range chunks {
		if _, err := s.store.Commit(ctx, cairn.Batch{Writes: writes}); err != nil {
			return err
		}
	}
	return nil
}

func (s *cairnSystem) ReadAll(ctx context.Context) (Tally, error) {
	return count(s.store.ReadAll(ctx, cairn.AllOptions{}))
}

func (s *cairnSystem) ReadStream(ctx context.Context, stream string) (Tally, error) {
	return count(s.store.ReadStream(ctx, stream, cairn.ReadOptions{}))
}

func (s *cairnSystem) ReadType(ctx context.Context, eventType string) (Tally, error) {
	return count(s.store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByType(eventType)}))
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

func (s *cairnSystem) Follow(ctx context.Context, ready, visit func()) error {
	info, err := s.store.Info(ctx)
	if err != nil {
		return err
	}
	first := func(cairn.Position) {
		if ready != nil {
			ready()
			ready = nil
		}
	}
	for _, err := range s.store.ReadAll(ctx, cairn.AllOptions{After: info.Head, Follow: true, CaughtUp: first}) {
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

func (s *cairnSystem) LogBytes(ctx context.Context) (int64, error) {
	stats, err := s.store.Stats(ctx)
	return stats.LogBytes, err
}

func (s *cairnSystem) Close() error { return s.store.Close() }
