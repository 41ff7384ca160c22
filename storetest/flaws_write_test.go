package storetest

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/cairndb/cairn"
)

// A flawed store is a good one, of which the types below spoil a method.
type flawed struct{ cairn.Store }

func (s flawed) inner() cairn.Store { return s.Store }

// lostUpdate takes a revision that was overtaken for the right one.
type lostUpdate struct{ flawed }

func (s lostUpdate) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	if expected >= 0 {
		expected = cairn.Any
	}
	return s.Store.Append(ctx, stream, expected, events...)
}

// tornBatch writes the first write of a batch on its own.
type tornBatch struct{ flawed }

func (s tornBatch) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if len(b.Writes) < 2 {
		return s.Store.Commit(ctx, b)
	}
	first, err := s.Store.Commit(ctx, cairn.Batch{Writes: b.Writes[:1]})
	if err != nil {
		return first, err
	}
	runtime.Gosched()
	b.Writes = b.Writes[1:]
	rest, err := s.Store.Commit(ctx, b)
	rest.Revisions = append(first.Revisions, rest.Revisions...)
	return rest, err
}

// forgottenIDs stores a retry once more.
type forgottenIDs struct{ flawed }

func (s forgottenIDs) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	r, err := s.Store.Append(ctx, stream, expected, events...)
	if r.Duplicate {
		info, _ := s.StreamInfo(ctx, stream)
		return s.Store.Append(ctx, stream, info.Last, events...)
	}
	return r, err
}

// forgottenKeys ignores keys.
type forgottenKeys struct{ flawed }

func (s forgottenKeys) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	b.Key = ""
	return s.Store.Commit(ctx, b)
}

// checkThenWrite checks conditions, and then writes without them.
type checkThenWrite struct{ flawed }

func (s checkThenWrite) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if _, err := s.Store.Commit(ctx, cairn.Batch{Conditions: b.Conditions}); err != nil {
		return cairn.BatchReceipt{}, err
	}
	runtime.Gosched()
	b.Conditions = nil
	return s.Store.Commit(ctx, b)
}

// vagueConflict says that there is one, and little more.
type vagueConflict struct{ flawed }

func (s vagueConflict) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	r, err := s.Store.Commit(ctx, b)
	if c, ok := errors.AsType[*cairn.ConflictError](err); ok {
		c.Positions, c.Events, c.Others = nil, nil, nil
	}
	return r, err
}

// staleHead answers with the head before the last event.
type staleHead struct{ flawed }

func (s staleHead) Info(ctx context.Context) (cairn.Info, error) {
	i, err := s.Store.Info(ctx)
	i.Head = max(i.Head, 1) - 1
	return i, err
}

// staleStream answers with what it knew of a stream when it was last asked.
type staleStream struct {
	flawed
	mu   sync.Mutex
	last map[string]cairn.StreamInfo
}

func (s *staleStream) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	info, err := s.Store.StreamInfo(ctx, stream)
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.last[stream]
	if s.last[stream] = info; ok {
		return old, err
	}
	return info, err
}
