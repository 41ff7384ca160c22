package rpc

import (
	"context"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// theLog is what access control calls all streams together.
const theLog = "$all"

// mayCommit reports whether the caller may do all that a batch does and learn
// what its refusal would tell.
func (s *Service) mayCommit(ctx context.Context, b *cairn.Batch) error {
	if s.control.Insecure() {
		return nil
	}
	for i := range b.Writes {
		action := access.Write
		if b.Writes[i].Delete != cairn.Keep {
			action = access.Delete
		}
		if err := s.control.Check(ctx, action, b.Writes[i].Stream); err != nil {
			return named(err)
		}
	}
	for i := range b.Conditions {
		if err := s.mayRely(ctx, &b.Conditions[i]); err != nil {
			return named(err)
		}
	}
	return nil
}

func (s *Service) mayRely(ctx context.Context, c *cairn.Condition) error {
	if c.Query == nil {
		return s.control.Check(ctx, access.Read, c.Stream)
	}
	return s.mayQuery(ctx, c.Query)
}

// mayQuery reports whether the caller may see all that a query could select:
// the log, or the streams that the query names.
func (s *Service) mayQuery(ctx context.Context, q cairn.Query) error {
	if s.control.Insecure() {
		return nil
	}
	var streams []string
	for i := range q {
		if len(q[i].Streams) == 0 {
			return s.control.Check(ctx, access.Read, theLog)
		}
		streams = append(streams, q[i].Streams...)
	}
	if len(streams) == 0 {
		streams = []string{theLog}
	}
	for _, stream := range streams {
		if err := s.control.Check(ctx, access.Read, stream); err != nil {
			return err
		}
	}
	return nil
}
