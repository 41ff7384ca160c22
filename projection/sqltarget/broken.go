package sqltarget

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"

	"github.com/cairndb/cairn/projection"
)

// brokenFault sorts errors that are no database's answer: connections that could
// not be made, or broke.
func brokenFault(err error) projection.Fault {
	switch {
	case err == nil:
		return projection.FaultEvent
	case err.Error() == "sql: database is closed": // by the program; it has no name
		return projection.FaultSetup
	case errors.Is(err, sql.ErrTxDone): // the handler has ended it, and rows without their checkpoint may be committed
		return projection.FaultSetup
	case anyOf(err, driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded, context.DeadlineExceeded):
		return projection.FaultDown
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return projection.FaultDown
	}
	// Nothing was sent: pgx says so of a connection that it has closed.
	if e, ok := errors.AsType[interface {
		error
		SafeToRetry() bool
	}](err); ok && e.SafeToRetry() {
		return projection.FaultDown
	}
	return projection.FaultEvent
}

func anyOf(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
