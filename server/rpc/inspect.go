package rpc

import (
	"context"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
	"github.com/cairndb/cairn/internal/proto/wire"
	"github.com/cairndb/cairn/server/access"
)

// Info implements the protocol's Info.
func (s *Service) Info(ctx context.Context, _ *cairnv1.InfoRequest) (*cairnv1.InfoResponse, error) {
	if err := s.control.CheckRole(ctx); err != nil {
		return nil, statusOf(err)
	}
	info, err := s.store.Info(ctx)
	if err != nil {
		return nil, statusOf(err)
	}
	return &cairnv1.InfoResponse{Store: info.ID[:], Head: uint64(info.Head)}, nil
}

// StreamInfo implements the protocol's StreamInfo. It tells the metadata, so that
// the caller must be allowed to read it.
func (s *Service) StreamInfo(ctx context.Context, r *cairnv1.StreamInfoRequest) (*cairnv1.StreamInfoResponse, error) {
	if err := s.control.Check(ctx, access.MetaRead, r.Stream); err != nil {
		return nil, statusOf(err)
	}
	info, err := s.store.StreamInfo(ctx, r.Stream)
	if err != nil {
		return nil, statusOf(err)
	}
	return &cairnv1.StreamInfoResponse{
		State: cairnv1.State(info.State), Last: int64(info.Last), First: int64(info.First),
		Metadata: wire.FromMetadata(&info.Metadata), MetadataRevision: int64(info.MetadataRevision),
	}, nil
}

// Count implements the protocol's Count.
func (s *Service) Count(ctx context.Context, r *cairnv1.CountRequest) (*cairnv1.CountResponse, error) {
	q := wire.ToQuery(r.Query)
	if err := s.mayQuery(ctx, q); err != nil {
		return nil, statusOf(err)
	}
	n, err := cairn.Count(ctx, s.store, q, cairn.Position(r.Position))
	if err != nil {
		return nil, statusOf(err)
	}
	return &cairnv1.CountResponse{Count: n}, nil
}

// Nth implements the protocol's Nth.
func (s *Service) Nth(ctx context.Context, r *cairnv1.NthRequest) (*cairnv1.NthResponse, error) {
	q := wire.ToQuery(r.Query)
	if err := s.mayQuery(ctx, q); err != nil {
		return nil, statusOf(err)
	}
	p, err := cairn.Nth(ctx, s.store, q, r.N)
	if err != nil {
		return nil, statusOf(err)
	}
	return &cairnv1.NthResponse{Position: uint64(p)}, nil
}
