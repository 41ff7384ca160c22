package kurrent

import (
	"context"
	"slices"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc"

	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// persistentServer is the PersistentSubscriptions service. To change a
// subscription, and to do something about what it has parked, is for operators;
// whoever is known may look.
type persistentServer struct {
	pb.UnimplementedPersistentSubscriptionsServer
	*Service
}

// persistentDescription is the service with the one call that the client's
// definition does not have yet. Its request is that of ReplayParked.
var persistentDescription = describePersistent()

func describePersistent() grpc.ServiceDesc {
	d := pb.PersistentSubscriptions_ServiceDesc
	d.Methods = append(slices.Clone(d.Methods), grpc.MethodDesc{MethodName: "TruncateParked", Handler: truncateParked})
	return d
}

func truncateParked(srv any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
	in := new(pb.ReplayParkedReq)
	if err := decode(in); err != nil {
		return nil, err
	}
	handle := func(ctx context.Context, req any) (any, error) {
		return srv.(*persistentServer).TruncateParked(ctx, req.(*pb.ReplayParkedReq))
	}
	if interceptor == nil {
		return handle(ctx, in)
	}
	info := &grpc.UnaryServerInfo{Server: srv, FullMethod: "/" + pb.PersistentSubscriptions_ServiceDesc.ServiceName + "/TruncateParked"}
	return interceptor(ctx, in, info, handle)
}

// operate lets operators do something, and turns the error into what clients see.
func (s *persistentServer) operate(ctx context.Context, do func() error) error {
	err := s.access.CheckRole(ctx, access.Operations)
	if err == nil {
		err = do()
	}
	return s.fail(ctx, err)
}

// Create implements the call of that name.
func (s *persistentServer) Create(ctx context.Context, req *pb.CreateReq) (*pb.CreateResp, error) {
	return &pb.CreateResp{}, s.operate(ctx, func() error {
		c, err := parseCreate(req.GetOptions())
		if err != nil {
			return err
		}
		return s.subscriptions.Create(ctx, c.key, c.settings, access.From(ctx).Name)
	})
}

// Update implements the call of that name.
func (s *persistentServer) Update(ctx context.Context, req *pb.UpdateReq) (*pb.UpdateResp, error) {
	return &pb.UpdateResp{}, s.operate(ctx, func() error {
		c, err := parseUpdate(req.GetOptions())
		if err != nil {
			return err
		}
		return s.subscriptions.Update(ctx, c.key, c.settings, access.From(ctx).Name)
	})
}

// Delete implements the call of that name.
func (s *persistentServer) Delete(ctx context.Context, req *pb.DeleteReq) (*pb.DeleteResp, error) {
	return &pb.DeleteResp{}, s.operate(ctx, func() error {
		k, err := keyOf(req.GetOptions())
		if err != nil {
			return err
		}
		return s.subscriptions.Delete(ctx, k, access.From(ctx).Name)
	})
}

// ReplayParked implements the call of that name.
func (s *persistentServer) ReplayParked(ctx context.Context, req *pb.ReplayParkedReq) (*pb.ReplayParkedResp, error) {
	return &pb.ReplayParkedResp{}, s.parked(ctx, req, (*persistent.Subscription).Replay)
}

// TruncateParked implements the call of that name. The answer has no fields.
func (s *persistentServer) TruncateParked(ctx context.Context, req *pb.ReplayParkedReq) (*pb.ReplayParkedResp, error) {
	return &pb.ReplayParkedResp{}, s.parked(ctx, req, (*persistent.Subscription).Truncate)
}

func (s *persistentServer) parked(ctx context.Context, req *pb.ReplayParkedReq, do func(*persistent.Subscription, context.Context, *int64) error) error {
	return s.operate(ctx, func() error {
		k, err := keyOf(req.GetOptions())
		if err != nil {
			return err
		}
		sub, err := s.subscriptions.Get(ctx, k)
		if err != nil {
			return err
		}
		if at, ok := req.GetOptions().GetStopAtOption().(*pb.ReplayParkedReq_Options_StopAt); ok {
			return do(sub, ctx, &at.StopAt)
		}
		return do(sub, ctx, nil)
	})
}

// RestartSubsystem implements the call of that name.
func (s *persistentServer) RestartSubsystem(ctx context.Context, _ *shared.Empty) (*shared.Empty, error) {
	return &shared.Empty{}, s.restartPersistent(ctx)
}

// restartPersistent begins anew with all subscriptions.
func (s *Service) restartPersistent(ctx context.Context) error {
	err := s.access.CheckRole(ctx, access.Operations)
	if err == nil {
		err = s.subscriptions.Restart(ctx)
	}
	return s.fail(ctx, err)
}
