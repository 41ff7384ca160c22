package access

import (
	"context"
	"crypto/tls"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// UnaryInterceptor finds out who calls and puts that into the context: see
// [From]. A call whose credentials are wrong ends with the code
// UNAUTHENTICATED.
func (c *Control) UnaryInterceptor() grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		p, err := c.caller(ctx)
		if err != nil {
			return nil, err
		}
		return next(With(ctx, p), req)
	}
}

// StreamInterceptor is [Control.UnaryInterceptor] for calls that stream. It
// looks once, when the call begins.
func (c *Control) StreamInterceptor() grpc.StreamServerInterceptor {
	return func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		p, err := c.caller(s.Context())
		if err != nil {
			return err
		}
		return next(srv, &callStream{s, call{s.Context(), p}})
	}
}

// A callStream is a stream whose context says who calls.
type callStream struct {
	grpc.ServerStream
	ctx call
}

// Context implements [grpc.ServerStream].
func (s *callStream) Context() context.Context { return &s.ctx }

// caller finds out who calls. Its errors are statuses.
func (c *Control) caller(ctx context.Context) (Principal, error) {
	if c.Insecure() {
		return administrator, nil
	}
	headers := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(headers) > 1 {
		return Principal{}, refusal(ErrUnauthenticated)
	}
	var header string
	if len(headers) == 1 {
		header = headers[0]
	}
	p, err := c.Authenticate(ctx, header, connection(ctx))
	return p, refusal(err)
}

// connection is the state of the call's connection; nil without TLS.
func connection(ctx context.Context) *tls.ConnectionState {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return nil
	}
	if info, ok := p.AuthInfo.(credentials.TLSInfo); ok {
		return &info.State
	}
	return nil
}

// refusal is the status of an error of authentication. The texts are those of
// KurrentDB, and say nothing of what was wrong.
func refusal(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnauthenticated):
		return status.Error(codes.Unauthenticated, "Unauthenticated")
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return status.FromContextError(err).Err()
	case errors.Is(err, ErrBusy):
		return status.Error(codes.Unavailable, "Server Is Too Busy")
	}
	return status.Error(codes.Unavailable, "Server Is Not Ready")
}
