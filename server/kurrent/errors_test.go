package kurrent

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

func TestPrintable(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "order-1": "order-1", "a b": "a b", " a ": "%20a%20", "ü": "%C3%BC", "a\r\nb": "a%0D%0Ab", "100%": "100%", "\x00\x7f": "%00%7F", "日": "%E6%97%A5",
	} {
		if got := printable(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// TestFaults says what each error of the layers below becomes.
func TestFaults(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx       context.Context
		err       error
		code      codes.Code
		exception string
	}{
		"a fault":              {nil, accessDenied(), codes.PermissionDenied, "access-denied"},
		"denied":               {nil, access.ErrDenied, codes.PermissionDenied, "access-denied"},
		"unauthenticated":      {nil, access.ErrUnauthenticated, codes.Unauthenticated, ""},
		"deleted":              {nil, &cairn.DeletedError{Stream: "s"}, codes.FailedPrecondition, "stream-deleted"},
		"conflict":             {nil, &cairn.ConflictError{Stream: "s"}, codes.FailedPrecondition, "wrong-expected-version"},
		"conflict of a query":  {nil, &cairn.ConflictError{}, codes.FailedPrecondition, ""},
		"invalid":              {nil, &cairn.InvalidError{Field: "stream"}, codes.InvalidArgument, ""},
		"status":               {nil, status.Error(codes.ResourceExhausted, "x"), codes.ResourceExhausted, ""},
		"cancelled":            {nil, context.Canceled, codes.Canceled, ""},
		"out of time":          {nil, context.DeadlineExceeded, codes.DeadlineExceeded, ""},
		"timed out":            {nil, timedOut("append"), codes.Aborted, ""},
		"shut down":            {nil, errShutdown, codes.Unavailable, ""},
		"anything":             {nil, errors.New("x"), codes.Unknown, ""},
		"anything, cancelled":  {over, context.Cause(over), codes.Canceled, ""},
		"a fault in a context": {over, streamDeleted("s"), codes.FailedPrecondition, "stream-deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := c.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			f := faultOf(ctx, fmt.Errorf("wrapped: %w", c.err))
			if f.code != c.code || f.exception() != c.exception || f.message == "" {
				t.Errorf("got %v %q %q", f.code, f.exception(), f.message)
			}
			if got := status.Code(fail(ctx, c.err)); got != c.code {
				t.Errorf("returned %v", got)
			}
		})
	}
	if fail(over, nil) != nil {
		t.Error("nothing became something")
	}
}
