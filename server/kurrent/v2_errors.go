package kurrent

import (
	"context"
	"errors"

	v2errors "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v2/errors"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// The domains of the reasons.
const (
	domainServer  = "server"
	domainStreams = "streams"
)

// typed makes an error of the second protocol. What is known about it comes
// last in the details, behind its reason: one client keeps the last one only.
func typed(code codes.Code, domain, reason, message string, known ...*anypb.Any) error {
	why := packed("google.rpc.ErrorInfo", &errdetails.ErrorInfo{Reason: reason, Domain: domain})
	return status.ErrorProto(&spb.Status{
		Code: int32(code), Message: message, Details: append([]*anypb.Any{why}, known...),
	})
}

// packed is a detail under the name that clients know it by.
func packed(name string, m proto.Message) *anypb.Any {
	b, _ := proto.Marshal(m) // of strings that were checked and of numbers: it cannot fail
	return &anypb.Any{TypeUrl: "type.googleapis.com/" + name, Value: b}
}

// ofStreams is an error of the streams' domain with the detail that goes with it.
func ofStreams(code codes.Code, reason, message string, detail proto.Message) error {
	return typed(code, domainStreams, reason, message, packed(string(detail.ProtoReflect().Descriptor().FullName()), detail))
}

// v2Fail turns an error into one of the second protocol. Nil stays nil, and what
// is one already stays as it is.
func v2Fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if s, ok := status.FromError(err); ok && len(s.Proto().GetDetails()) > 0 {
		return err
	}
	if e := v2FailOfStream(err); e != nil {
		return e
	}
	switch f := faultOf(ctx, err); {
	case f.code == codes.PermissionDenied:
		return v2Denied(ctx, f.message)
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return typed(codes.DeadlineExceeded, domainServer, "OPERATION_TIMEOUT", "The write took too long.")
	}
	return v2FailOfServer(ctx, err)
}

func v2FailOfStream(err error) error {
	if e, ok := errors.AsType[*cairn.DeletedError](err); ok {
		return v2Tombstoned(e.Stream)
	}
	if e, ok := errors.AsType[*cairn.ConflictError](err); ok && e.Stream != "" {
		return v2Conflict(e)
	}
	if e, ok := errors.AsType[*cairn.InvalidError](err); ok {
		return v2Invalid(&errdetails.BadRequest_FieldViolation{Field: e.Field, Description: e.Problem})
	}
	return nil
}

// v2FailOfServer is for what has no type of its own.
func v2FailOfServer(ctx context.Context, err error) error {
	f := faultOf(ctx, err)
	switch {
	case errors.Is(err, cairn.ErrNoSpace):
		return typed(f.code, domainServer, "SERVER_OVERLOADED", f.message)
	case f.code == codes.Unavailable:
		return typed(f.code, domainServer, "SERVER_NOT_READY", f.message)
	case f.code == codes.Unknown || f.code == codes.DataLoss:
		return typed(codes.Internal, domainServer, "SERVER_MALFUNCTION", f.message)
	}
	return f
}

// v2Denied carries what clients of the first protocol look at, too.
func v2Denied(ctx context.Context, message string) error {
	_ = grpc.SetTrailer(ctx, metadata.Pairs("exception", "access-denied")) // fails outside of a call only
	detail := &v2errors.AccessDeniedErrorDetails{Operation: "append"}
	if p := access.From(ctx); !p.Anonymous() {
		detail.Username = &p.Name
	}
	return typed(codes.PermissionDenied, domainServer, "ACCESS_DENIED", message,
		packed("kurrent.rpc.AccessDeniedErrorDetails", detail))
}
