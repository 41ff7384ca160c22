package pgxtarget

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// An ownError is of what the target did before any handler ran. No event is to
// blame for it, whatever the database says.
type ownError struct {
	doing string
	err   error
}

func (e *ownError) Error() string { return "pgxtarget: " + e.doing + ": " + e.err.Error() }

func (e *ownError) Unwrap() error { return e.err }

// Fault sorts an error, by its SQLSTATE if it has one.
func (*Target) Fault(err error) projection.Fault {
	if err == nil {
		return projection.FaultEvent
	}
	if reason, ok := errors.AsType[*pgconn.PgError](err); ok {
		return faultOf(reason, err)
	}
	if strings.HasSuffix(err.Error(), "conn busy") { // with rows that a handler has left open; it has no name
		return projection.FaultEvent
	}
	fault := sqltarget.PostgresFault(err)
	if _, own := errors.AsType[*ownError](err); !own || fault != projection.FaultEvent {
		return fault
	}
	if strings.HasSuffix(err.Error(), "closed pool") { // by the program; it has no name
		return projection.FaultSetup
	}
	return projection.FaultDown
}

// faultOf sorts what the server has answered. The function of the server that has
// reported it tells apart what shares a SQLSTATE.
func faultOf(reason *pgconn.PgError, err error) projection.Fault {
	switch reason.Code + reason.Routine {
	case "57014CopyGetData": // not canceled: a row could not be sent, and pgx has given up COPY
		return projection.FaultEvent
	case "0A000RevalidateCachedQuery": // a table is another one than when the statement was prepared
		return projection.FaultAgain
	}
	return sqltarget.PostgresFault(err)
}

// ended says why a context ended, if that is why something failed.
func ended(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return errors.Join(context.Cause(ctx), err)
}
