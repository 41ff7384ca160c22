package rpc

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/wire"
	"github.com/cairndb/cairn/server/access"
)

// A refusal is an error of the server that answers to the protocol's name for it.
type refusal struct {
	error
	is error
}

func (r refusal) Unwrap() []error { return []error{r.error, r.is} }

// named gives an error of access control its name in the protocol.
func named(err error) error {
	switch {
	case errors.Is(err, access.ErrDenied):
		return refusal{err, wire.ErrDenied}
	case errors.Is(err, access.ErrUnauthenticated):
		return refusal{err, wire.ErrUnauthenticated}
	}
	return err
}

// statusOf is how a call ends that fails with err: for those who know this
// protocol with all facts, for others with the code that comes nearest.
func statusOf(err error) error {
	if err == nil {
		return nil
	}
	switch {
	case errors.Is(err, errShutdown), errors.Is(err, cairn.ErrClosed):
		// Another server may serve the store soon: the client comes again.
		return status.Error(codes.Unavailable, err.Error())
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return status.FromContextError(err).Err()
	}
	return wire.ToStatus(codeOf(err), named(err))
}

func codeOf(err error) codes.Code {
	switch {
	case errors.Is(err, cairn.ErrInvalid):
		return codes.InvalidArgument
	case errors.Is(err, cairn.ErrStreamDeleted):
		return codes.FailedPrecondition
	case errors.Is(err, cairn.ErrCorrupt):
		return codes.DataLoss
	case errors.Is(err, access.ErrDenied):
		return codes.PermissionDenied
	case errors.Is(err, access.ErrUnauthenticated):
		return codes.Unauthenticated
	}
	return codes.Internal
}
