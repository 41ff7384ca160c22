package client

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/wire"
)

var (
	// ErrDenied is matched by the error of what the user may not do. Nothing
	// was done.
	ErrDenied = wire.ErrDenied
	// ErrUnauthenticated is matched by the error of a name or password that the
	// server does not accept.
	ErrUnauthenticated = wire.ErrUnauthenticated
	// ErrUnavailable is matched by the error of a call for which no server could
	// be reached in time. Nothing was done, unless the error also matches
	// [cairn.ErrUnknownOutcome].
	ErrUnavailable = errors.New("client: server cannot be reached")
	// ErrOtherStore is matched by the error of what began on one store and would
	// have to go on with another, which the server holds now: positions and
	// revisions mean nothing there.
	ErrOtherStore = errors.New("client: the server holds another store than before")
)

// unknown is the error of a write that was sent and whose end is not known.
func unknown(why error) error {
	return fmt.Errorf("%w: it was sent to the server and not answered: %w; see whether it is stored before trying again without the same event IDs or key",
		cairn.ErrUnknownOutcome, why)
}

func unavailable(address string, why error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, address, why)
}

// final is the error of a call that it makes no sense to repeat, or nil.
func final(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrOtherStore) {
		return err
	}
	if original := wire.FromStatus(err); original != nil {
		return original
	}
	switch status.Code(err) {
	case codes.Unauthenticated:
		return fmt.Errorf("%w: %w", ErrUnauthenticated, err)
	case codes.PermissionDenied:
		return fmt.Errorf("%w: %w", ErrDenied, err)
	case codes.Unimplemented:
		return fmt.Errorf("client: the server does not speak Cairn's protocol, or an older version of it: %w", err)
	case codes.InvalidArgument, codes.FailedPrecondition, codes.DataLoss:
		return fmt.Errorf("client: %w", err)
	}
	return nil
}
