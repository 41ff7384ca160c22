package kurrent

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// A fault is an error as the protocol knows it: a status and the trailers that
// clients tell errors apart by.
type fault struct {
	code    codes.Code
	message string
	trailer []string // keys and values in turn
}

// Error is the text that clients see.
func (f *fault) Error() string { return f.message }

// GRPCStatus is how gRPC finds the status of an error.
func (f *fault) GRPCStatus() *status.Status { return status.New(f.code, f.message) }

// newFault makes a fault. The exception is the name that clients know it by;
// what follows are further trailers, keys and values in turn. A fault without
// a name has no trailers.
func newFault(code codes.Code, message, exception string, trailer ...string) *fault {
	if exception == "" {
		return &fault{code: code, message: message}
	}
	return &fault{code, message, append([]string{"exception", exception}, trailer...)}
}

// exception is the name that clients know the fault by, if any.
func (f *fault) exception() string { return f.value("exception") }

// value is what a trailer says.
func (f *fault) value(key string) string {
	for i := 0; i+1 < len(f.trailer); i += 2 {
		if f.trailer[i] == key {
			return f.trailer[i+1]
		}
	}
	return ""
}

// number is what a trailer says if it is a number, else zero.
func (f *fault) number(key string) uint64 {
	n, _ := strconv.ParseUint(f.value(key), 10, 64)
	return n
}

// fail turns an error into what a handler returns, and sends the trailers that
// belong to it. The context is that of the call. Nil stays nil.
func fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	f := faultOf(ctx, err)
	if len(f.trailer) > 0 {
		md := metadata.MD{}
		for i := 0; i+1 < len(f.trailer); i += 2 {
			md.Append(f.trailer[i], printable(f.trailer[i+1]))
		}
		_ = grpc.SetTrailer(ctx, md) // fails outside of a call only, where nobody would read it
	}
	return f
}

// fail is fail for errors that clients are not told enough of to act on: they go
// to the log as well.
func (s *Service) fail(ctx context.Context, err error) error {
	s.note(ctx, err)
	return fail(ctx, err)
}

// note logs an error that clients see as unknown, or that an operator must see.
func (s *Service) note(ctx context.Context, err error) {
	if _, known := errors.AsType[*fault](err); known || err == nil {
		return
	}
	if c := faultOf(ctx, err).code; c == codes.Unknown || c == codes.DataLoss {
		s.opts.Logger.ErrorContext(ctx, "kurrent: a call failed", "error", err)
	}
}

// printable percent-encodes what a trailer cannot carry: everything that is not
// printable ASCII, and spaces at the ends, which would be lost.
func printable(s string) string {
	plain := func(i int) bool {
		c := s[i]
		return c > ' ' && c <= '~' || c == ' ' && i > 0 && i < len(s)-1
	}
	var b strings.Builder
	for i := range len(s) {
		if plain(i) {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}

// errShutdown ends what is still going on when the server stops.
var errShutdown = newFault(codes.Unavailable, "Server Is Not Ready", "")

// faultOf finds the fault in an error of the store, of access control or of
// gRPC. What has none is one that clients know as an exception of the server.
func faultOf(ctx context.Context, err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	if f := faultOfPersistent(err); f != nil {
		return f
	}
	if f := faultOfStore(err); f != nil {
		return f
	}
	switch s, ok := status.FromError(err); {
	case errors.Is(err, access.ErrDenied):
		return accessDenied()
	case errors.Is(err, access.ErrUnauthenticated):
		return newFault(codes.Unauthenticated, "Unauthenticated", "")
	case ok:
		return newFault(s.Code(), s.Message(), "")
	case ctx.Err() != nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		s := status.FromContextError(err)
		return newFault(s.Code(), s.Message(), "")
	}
	return unhandled()
}

// faultOfStore is the fault of an error of the store; nil if it is none.
func faultOfStore(err error) *fault {
	if e, ok := errors.AsType[*cairn.DeletedError](err); ok {
		return streamDeleted(e.Stream)
	}
	if e, ok := errors.AsType[*cairn.ConflictError](err); ok && e.Stream != "" {
		return wrongExpectedVersion(e.Stream, e.Expected, e.Actual)
	}
	if e, ok := errors.AsType[*cairn.InvalidError](err); ok && e.Limit == cairn.MaxBatchSize {
		return maximumAppendSizeExceeded(cairn.MaxBatchSize)
	}
	for _, known := range []struct {
		err  error
		code codes.Code
	}{
		{cairn.ErrInvalid, codes.InvalidArgument},
		{cairn.ErrConflict, codes.FailedPrecondition},
		{cairn.ErrCorrupt, codes.DataLoss},
		{cairn.ErrClosed, codes.Unavailable},
		{cairn.ErrNoSpace, codes.ResourceExhausted},
		{cairn.ErrUnknownOutcome, codes.Aborted},
		{cairn.ErrFailed, codes.Unavailable},
		{cairn.ErrReadOnly, codes.FailedPrecondition},
	} {
		if errors.Is(err, known.err) {
			return newFault(known.code, err.Error(), "")
		}
	}
	return nil
}

// unhandled is what clients see of anything that has no name in the protocol.
func unhandled() *fault {
	return newFault(codes.Unknown, "Exception was thrown by handler.", "")
}

// invalidArgument is a request that makes no sense.
func invalidArgument(format string, args ...any) *fault {
	return newFault(codes.InvalidArgument, fmt.Sprintf(format, args...), "")
}

// timedOut is a write that took the server too long.
func timedOut(what string) *fault {
	return newFault(codes.Aborted, "Operation timed out: "+what, "")
}

func accessDenied() *fault {
	return newFault(codes.PermissionDenied, "Access Denied", "access-denied")
}

// notWritable is a write to what is answered from the index.
func notWritable(stream string) *fault {
	return newFault(codes.PermissionDenied, fmt.Sprintf("Access Denied: '%s' is answered from the index and cannot be written to.", stream), "access-denied")
}

func streamDeleted(stream string) *fault {
	return newFault(codes.FailedPrecondition, fmt.Sprintf("Event stream '%s' is deleted.", stream),
		"stream-deleted", "stream-name", stream)
}

// wrongExpectedVersion speaks of a deletion, because appends answer a wrong
// version without an error.
func wrongExpectedVersion(stream string, expected, actual cairn.Revision) *fault {
	want, have := strconv.FormatInt(int64(expected), 10), strconv.FormatInt(int64(actual), 10)
	return newFault(codes.FailedPrecondition,
		fmt.Sprintf("Delete failed due to WrongExpectedVersion. Stream: %s, Expected version: %s, Actual version: %s", stream, want, have),
		"wrong-expected-version", "stream-name", stream, "expected-version", want, "actual-version", have)
}

func maximumAppendSizeExceeded(limit int) *fault {
	return newFault(codes.InvalidArgument, fmt.Sprintf("Maximum Append Size of %d Exceeded.", limit),
		"maximum-append-size-exceeded", "maximum-append-size", strconv.Itoa(limit))
}

func maximumAppendEventSizeExceeded(id string, size, limit int) *fault {
	return newFault(codes.InvalidArgument, fmt.Sprintf("Maximum Append Event Size of %d Exceeded by event %s: %d.", limit, id, size),
		"maximum-append-event-size-exceeded", "maximum-append-event-size", strconv.Itoa(limit),
		"event-id", id, "proposed-append-event-size", strconv.Itoa(size))
}

func missingMetadata() *fault {
	return newFault(codes.InvalidArgument, "Required Metadata Property 'type,content-type' is missing",
		"missing-required-metadata-property", "required-metadata-properties", "type,content-type")
}
