package kurrent

import (
	"context"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn/internal/proto/kurrentv2"
)

const (
	v2Service = "kurrentdb.protocol.v2.streams.StreamsService"
	v2Records = "/" + v2Service + "/AppendRecords"
)

// v2Server is KurrentDB's second streams service.
type v2Server struct{ *Service }

// v2Streams is what gRPC wants a service to be described by.
type v2Streams interface {
	appendSession(grpc.ServerStream) error
	appendRecords(context.Context, *kurrentv2.AppendRecordsRequest) (*kurrentv2.AppendRecordsResponse, error)
}

// v2Description takes the place of a generated one, which would carry the name
// of the messages' own package.
var v2Description = grpc.ServiceDesc{
	ServiceName: v2Service,
	HandlerType: (*v2Streams)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "AppendRecords", Handler: handleAppendRecords}},
	Streams: []grpc.StreamDesc{{
		StreamName:    "AppendSession",
		ClientStreams: true,
		Handler:       func(srv any, stream grpc.ServerStream) error { return srv.(v2Streams).appendSession(stream) },
	}},
	Metadata: "kurrentdb/protocols/v2/streams.proto",
}

func handleAppendRecords(srv any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
	req := new(kurrentv2.AppendRecordsRequest)
	if err := decode(req); err != nil {
		return nil, err
	}
	handle := func(ctx context.Context, req any) (any, error) {
		return srv.(v2Streams).appendRecords(ctx, req.(*kurrentv2.AppendRecordsRequest))
	}
	if intercept == nil {
		return handle(ctx, req)
	}
	return intercept(ctx, req, &grpc.UnaryServerInfo{Server: srv, FullMethod: v2Records}, handle)
}
