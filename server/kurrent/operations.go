package kurrent

import (
	"context"
	"sync"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc/codes"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrent/operations"
	"github.com/cairndb/cairn/server/access"
)

// operationsServer is the Operations service, which is for operators. Much of
// what KurrentDB's operators do has no meaning here and is answered as done:
// the index is merged by itself, and a server that is alone has nobody to resign
// to and no rank among others.
//
// A scavenge reclaims the space of events that can no longer be read. The store
// does not do that, so one that is started finds nothing to do and is over at
// once, with all events still in their place.
type operationsServer struct {
	operations.UnimplementedOperationsServer
	*Service

	mu   sync.Mutex
	last string // scavenge that was started
}

// currentScavenge names the last scavenge without its ID.
const currentScavenge = "current"

// StartScavenge implements the call of that name.
func (s *operationsServer) StartScavenge(ctx context.Context, req *operations.StartScavengeReq) (*operations.ScavengeResp, error) {
	if err := s.operator(ctx); err != nil {
		return nil, err
	}
	if o := req.GetOptions(); o.GetThreadCount() < 0 || o.GetStartFromChunk() < 0 {
		return nil, fail(ctx, invalidArgument("a scavenge has no %d threads and does not start from chunk %d", o.GetThreadCount(), o.GetStartFromChunk()))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = cairn.NewID().String()
	return &operations.ScavengeResp{ScavengeId: s.last, ScavengeResult: operations.ScavengeResp_Started}, nil
}

// StopScavenge implements the call of that name. Clients stop what they have
// just started and do not expect it to be over, so the last one can be stopped
// as long as nobody starts another.
func (s *operationsServer) StopScavenge(ctx context.Context, req *operations.StopScavengeReq) (*operations.ScavengeResp, error) {
	if err := s.operator(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if id := req.GetOptions().GetScavengeId(); s.last == "" || id != s.last && id != currentScavenge {
		return nil, fail(ctx, scavengeNotFound(id))
	}
	return &operations.ScavengeResp{ScavengeId: s.last, ScavengeResult: operations.ScavengeResp_Stopped}, nil
}

func scavengeNotFound(id string) *fault {
	return newFault(codes.NotFound, "Scavenge id was invalid.", "scavenge-not-found", "scavenge-id", id)
}

// Shutdown implements the call of that name.
func (s *operationsServer) Shutdown(ctx context.Context, _ *shared.Empty) (*shared.Empty, error) {
	if err := s.operator(ctx); err != nil {
		return nil, err
	}
	if s.opts.Shutdown != nil {
		s.opts.Shutdown()
	}
	return &shared.Empty{}, nil
}

// MergeIndexes implements the call of that name.
func (s *operationsServer) MergeIndexes(ctx context.Context, _ *shared.Empty) (*shared.Empty, error) {
	return s.done(ctx)
}

// ResignNode implements the call of that name.
func (s *operationsServer) ResignNode(ctx context.Context, _ *shared.Empty) (*shared.Empty, error) {
	return s.done(ctx)
}

// SetNodePriority implements the call of that name.
func (s *operationsServer) SetNodePriority(ctx context.Context, _ *operations.SetNodePriorityReq) (*shared.Empty, error) {
	return s.done(ctx)
}

// RestartPersistentSubscriptions implements the call of that name.
func (s *operationsServer) RestartPersistentSubscriptions(ctx context.Context, _ *shared.Empty) (*shared.Empty, error) {
	return &shared.Empty{}, s.restartPersistent(ctx)
}

// done answers an operator that there is nothing left to do.
func (s *operationsServer) done(ctx context.Context) (*shared.Empty, error) {
	return &shared.Empty{}, s.operator(ctx)
}

// operator refuses who is none.
func (s *operationsServer) operator(ctx context.Context) error {
	return fail(ctx, s.access.CheckRole(ctx, access.Operations))
}
