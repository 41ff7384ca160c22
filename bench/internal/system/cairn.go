package system

import (
	"context"

	"github.com/cairndb/cairn/engine/disk"
)

// cairnSystem is Cairn's disk engine with its default options.
type cairnSystem struct {
	Embedded
	store *disk.Store
}

func openCairn(_ context.Context, o Options) (System, error) {
	store, err := disk.Open(o.Dir, nil)
	if err != nil {
		return nil, err
	}
	return &cairnSystem{Embedded{store}, store}, nil
}

func (s *cairnSystem) LogBytes(ctx context.Context) (int64, error) {
	stats, err := s.store.Stats(ctx)
	return stats.LogBytes, err
}

func (s *cairnSystem) Close() error { return s.store.Close() }
