package kurrent

import (
	"context"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// Delete implements the call of the same name: a soft deletion.
func (s *streamsServer) Delete(ctx context.Context, req *streams.DeleteReq) (*streams.DeleteResp, error) {
	p, err := s.deleteStream(ctx, req.GetOptions(), cairn.SoftDelete)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	at := &streams.DeleteResp_Position{CommitPosition: uint64(p), PreparePosition: uint64(p)}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{Position: at}}, nil
}

// Tombstone implements the call of the same name: a deletion for good.
func (s *streamsServer) Tombstone(ctx context.Context, req *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	p, err := s.deleteStream(ctx, req.GetOptions(), cairn.Tombstone)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	at := &streams.TombstoneResp_Position{CommitPosition: uint64(p), PreparePosition: uint64(p)}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{Position: at}}, nil
}

// deleteStream deletes a stream, as far as the caller may. Nobody may delete a
// metadata stream, which is deleted with its stream and never alone.
func (s *Service) deleteStream(ctx context.Context, options expectation, how cairn.Deletion) (cairn.Position, error) {
	stream, expected, err := target(options)
	if err != nil {
		return 0, err
	}
	if err := s.mayChange(ctx, access.Delete, stream); err != nil {
		return 0, err
	}
	ctx, cancel := s.writing(ctx, "delete")
	defer cancel()
	r, err := s.store.Commit(ctx, cairn.Batch{Writes: []cairn.Write{{Stream: stream, Expected: expected, Delete: how}}})
	return r.Position, err
}
