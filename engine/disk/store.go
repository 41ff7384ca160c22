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
	watchers *watchers
	head     *gate // the last position that is durable, and so visible
	index    *index.Index
	indexer  *indexer
	seq      *sequencer
	commits  *committer

	descriptions *descriptions

	end address // of the log, as far as it is durable; persist's alone

	failure sync.Mutex
	failed  error // why nothing can be written any more

	ended  atomic.Bool  // Close was called
	use    sync.RWMutex // held for reading while the log and the index are used
	shut   bool         // they are closed
	once   sync.Once
	closed error // what Close returned
}

var (
	_ cairn.Store         = (*Store)(nil)
	_ cairn.BulkCommitter = (*Store)(nil)
)

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
	return r.receipt(), nil
}

// CommitEach implements [cairn.BulkCommitter].
func (s *Store) CommitEach(ctx context.Context, batches []cairn.Batch) []cairn.Outcome {
	outcomes := make([]cairn.Outcome, len(batches))
	all := make([]request, len(batches))
	good := make([]*request, 0, len(batches))
	for i := range all {
		b, r := &batches[i], &all[i]
		r.ctx, r.writes, r.conds, r.key = ctx, b.Writes, b.Conditions, b.Key
		if r.err = s.prepare(r); r.err == nil {
			good = append(good, r)
		}
	}
	closed := s.commits.commit(good)
	for i := range all {
		r := &all[i]
		if r.err == nil {
			r.err = closed
		}
		if err := s.outcome(r); err != nil {
			outcomes[i].Err = err
		} else {
			outcomes[i].BatchReceipt = r.receipt()
		}
	}
	return outcomes
}

// submit validates a request, has it committed and, if it was refused, finds
// out why.
func (s *Store) submit(r *request) error {
	if err := s.prepare(r); err != nil {
		return err
	}
	if err := s.commits.commit([]*request{r}); err != nil {
		return err
	}
	return s.outcome(r)
}

// prepare refuses what need not go to the sequencer, and measures the rest.
func (s *Store) prepare(r *request) error {
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
	return nil
}

// outcome is the error of a request that was committed or refused.
func (s *Store) outcome(r *request) error {
	if r.err == nil && len(r.verdicts) > 0 {
		return s.explain(r)
	}
	return r.err
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
