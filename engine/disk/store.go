package disk

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// Store is an open store. It is a [cairn.Store].
//
// A write goes through the committer, which groups it with others, the
// sequencer, which gives it its place, and the log; the indexer enters it in
// memory and, later, in the index. A read takes the head, finds what it wants
// through the index and what is recent, and reads it from the tail of the log
// in memory or from the log itself.
type Store struct {
	manifest
	dir    directory
	lock   io.Closer
	logger *slog.Logger
	epoch  uint32
	opts   Options

	log      log
	segments *segments // the log, if it is in files
	tail     *tail
	head     *gate // the last position that is durable, and so visible
	index    *index.Index
	indexer  *indexer
	seq      *sequencer
	commits  *committer

	end address // of the log, as far as it is durable; persist's alone

	failure sync.Mutex
	failed  error // why nothing can be written any more

	ended  atomic.Bool  // Close was called
	use    sync.RWMutex // held for reading while the log and the index are used
	shut   bool         // they are closed
	once   sync.Once
	closed error // what Close returned
}

var _ cairn.Store = (*Store)(nil)

// Append implements [cairn.Appender].
func (s *Store) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	r := requests.Get().(*request)
	defer r.recycle()
	r.ctx = ctx
	r.one[0] = cairn.Write{Stream: stream, Expected: expected, Events: events}
	r.writes = r.one[:]
	if err := s.submit(r); err != nil {
		return cairn.Receipt{}, err
	}
	return cairn.Receipt{Revision: r.revisions[0], Position: r.position, Duplicate: r.duplicate}, nil
}

// requests are those of appends that were answered. Nobody but the caller looks
// at a request once its group is done.
var requests = sync.Pool{New: func() any { return new(request) }}

func (r *request) recycle() {
	*r = request{}
	requests.Put(r)
}

// Commit implements [cairn.Committer].
func (s *Store) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	r := &request{ctx: ctx, writes: b.Writes, conds: b.Conditions, key: b.Key}
	if err := s.submit(r); err != nil {
		return cairn.BatchReceipt{}, err
	}
	return cairn.BatchReceipt{Revisions: r.revisions, Position: r.position, Duplicate: r.duplicate}, nil
}

// submit validates a request, has it committed and, if it was refused, finds
// out why.
func (s *Store) submit(r *request) error {
	b := cairn.Batch{Writes: r.writes, Conditions: r.conds, Key: r.key}
	if err := b.Validate(); err != nil {
		return err
	}
	if err := s.interrupted(r.ctx); err != nil {
		return err
	}
	if s.opts.ReadOnly {
		return cairn.ErrReadOnly
	}
	r.size = frame.Bound(r.writes, r.key)
	for i := range r.writes {
		r.given += made(&r.writes[i])
	}
	if err := s.commits.commit(r); err != nil {
		return err
	}
	if len(r.verdicts) > 0 {
		return s.explain(r)
	}
	return nil
}

// interrupted is why a call cannot begin or go on, if so.
func (s *Store) interrupted(ctx context.Context) error {
	if s.ended.Load() {
		return cairn.ErrClosed
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// Info implements [cairn.Inspector].
func (s *Store) Info(ctx context.Context) (cairn.Info, error) {
	if err := s.interrupted(ctx); err != nil {
		return cairn.Info{}, err
	}
	return cairn.Info{ID: s.ID, Head: s.head.get()}, nil
}
