package kurrent

import (
	"context"
	"errors"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
)

// violations turns the error of a batch that was refused for where its streams
// stand into one that says so for each check. Other errors stay as they are.
func (s *v2Server) violations(ctx context.Context, p *plan, err error) error {
	actual := map[string]cairn.Revision{}
	if e, ok := errors.AsType[*cairn.DeletedError](err); ok {
		actual, err = s.standings(ctx, p, e)
		if err != nil {
			return err
		}
	} else if e, ok := errors.AsType[*cairn.ConflictError](err); ok {
		found(actual, e)
	} else {
		return err
	}
	var all []*kurrentv2.Violation
	for i, c := range p.checks {
		if state, ok := actual[c.stream]; ok {
			all = append(all, violation(i, c, state))
		}
	}
	return v2Violations(all)
}

// standings finds out where the streams stand whose checks fail, when a deleted
// stream kept the store from looking at the others.
func (s *v2Server) standings(ctx context.Context, p *plan, e *cairn.DeletedError) (map[string]cairn.Revision, error) {
	actual := map[string]cairn.Revision{}
	var b cairn.Batch
	for _, c := range p.checks[:p.explicit] {
		b.Conditions = append(b.Conditions, cairn.StreamAt(c.stream, c.expected))
	}
	_, err := s.commitV2(ctx, b)
	if e, ok := errors.AsType[*cairn.ConflictError](err); ok {
		found(actual, e)
	} else if err != nil {
		return nil, err
	}
	actual[e.Stream] = cairn.SoftDeleted
	if e.Tombstone {
		actual[e.Stream] = cairn.Tombstoned
	}
	for _, stream := range p.written {
		info, err := s.store.StreamInfo(ctx, stream)
		if err != nil {
			return nil, err
		}
		if info.State == cairn.StreamTombstoned {
			actual[stream] = cairn.Tombstoned
		}
	}
	return actual, nil
}

// found notes where the streams of a conflict stand.
func found(actual map[string]cairn.Revision, e *cairn.ConflictError) {
	actual[e.Stream] = e.Actual
	for _, other := range e.Others {
		actual[other.Stream] = other.Actual
	}
}

func violation(index int, c check, actual cairn.Revision) *kurrentv2.Violation {
	return &kurrentv2.Violation{
		CheckIndex: int32(index),
		Type: &kurrentv2.Violation_StreamState_{StreamState: &kurrentv2.Violation_StreamState{
			Stream: c.stream, ExpectedState: int64(c.expected), ActualState: int64(actual),
		}},
	}
}
