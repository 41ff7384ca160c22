package disk

import (
	"context"
	"errors"
	"iter"

	"github.com/cairndb/cairn"
)

// Store is an open store. It is a [cairn.Store].
type Store struct{}

var _ cairn.Store = (*Store)(nil)

// Open opens the store in a directory, creating it if the directory is empty
// or missing. A store has one owner at a time: a second one gets an
// [*InUseError].
func Open(dir string, o *Options) (*Store, error) { return nil, errors.ErrUnsupported }

// OpenMemory opens a new store over files in memory: the same engine, gone when
// it is closed.
func OpenMemory(o *Options) (*Store, error) { return nil, errors.ErrUnsupported }

func (s *Store) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	return cairn.Receipt{}, errors.ErrUnsupported
}

func (s *Store) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	return cairn.BatchReceipt{}, errors.ErrUnsupported
}

func (s *Store) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	return nil
}

func (s *Store) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return nil
}

func (s *Store) Info(ctx context.Context) (cairn.Info, error) {
	return cairn.Info{}, errors.ErrUnsupported
}

func (s *Store) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	return cairn.StreamInfo{}, errors.ErrUnsupported
}

func (s *Store) Close() error { return nil }
