package mongotarget

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/cairndb/cairn/projection"
)

// Fault implements [projection.Ledger].
func (t *Target) Fault(err error) projection.Fault { return fault(err) }

// codes are what error codes of the server say about whose an error is. Those that
// are not among them are the event's: the server has looked at what it was asked to
// write and refused it.
var codes = map[int]projection.Fault{
	24: projection.FaultAgain, 46: projection.FaultAgain, // LockTimeout, LockBusy
	112: projection.FaultAgain, // WriteConflict
	225: projection.FaultAgain, // TransactionTooOld
	244: projection.FaultAgain, // TransactionAborted
	251: projection.FaultAgain, // NoSuchTransaction
	267: projection.FaultAgain, // PreparedTransactionInProgress
	246: projection.FaultAgain, // SnapshotUnavailable
	239: projection.FaultAgain, // SnapshotTooOld

	6: projection.FaultDown, 7: projection.FaultDown, // HostUnreachable, HostNotFound
	50: projection.FaultDown, 262: projection.FaultDown, // MaxTimeMSExpired, ExceededTimeLimit
	64: projection.FaultDown, 100: projection.FaultDown, // WriteConcernFailed, UnsatisfiableWriteConcern
	79: projection.FaultDown,                           // UnknownReplWriteConcern
	89: projection.FaultDown, 91: projection.FaultDown, // NetworkTimeout, ShutdownInProgress
	133: projection.FaultDown, 134: projection.FaultDown, // FailedToSatisfyReadPreference, ReadConcernMajorityNotAvailableYet
	189: projection.FaultDown, 9001: projection.FaultDown, // PrimarySteppedDown, SocketException
	10058: projection.FaultDown, 10107: projection.FaultDown, // LegacyNotPrimary, NotWritablePrimary
	11600: projection.FaultDown, 11602: projection.FaultDown, // InterruptedAtShutdown, InterruptedDueToReplStateChange
	13435: projection.FaultDown, 13436: projection.FaultDown, // NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary
	14031: projection.FaultDown, // OutOfDiskSpace
	11601: projection.FaultDown, // Interrupted

	11: projection.FaultSetup, 13: projection.FaultSetup, 18: projection.FaultSetup, // UserNotFound, Unauthorized, AuthenticationFailed
	20: projection.FaultSetup, 26: projection.FaultSetup, // IllegalOperation (no transactions on this server), NamespaceNotFound
	59: projection.FaultSetup, 73: projection.FaultSetup, // CommandNotFound, InvalidNamespace
	72: projection.FaultSetup, 115: projection.FaultSetup, // InvalidOptions, CommandNotSupported
	85: projection.FaultSetup, 86: projection.FaultSetup, // IndexOptionsConflict, IndexKeySpecsConflict
	166: projection.FaultSetup, 263: projection.FaultSetup, // CommandNotSupportedOnView, OperationNotSupportedInTransaction
	8000: projection.FaultSetup, // AtlasError: its rights
}

// fault sorts an error: by what the server has said, then by what the driver has.
func fault(err error) projection.Fault {
	for _, code := range codesOf(err) {
		if f, ok := codes[code]; ok {
			return f
		}
	}
	var selection topology.ServerSelectionError
	var connection topology.ConnectionError
	switch {
	case mongo.IsNetworkError(err), mongo.IsTimeout(err), errors.As(err, &selection), errors.As(err, &connection), pooled(err),
		errors.Is(err, context.DeadlineExceeded):
		return projection.FaultDown
	case labeled(err, errAgain):
		return projection.FaultAgain
	case errors.Is(err, mongo.ErrClientDisconnected):
		return projection.FaultSetup
	}
	return projection.FaultEvent
}

// pooled reports that there was no connection to be had, because those to this
// server were given up.
func pooled(err error) bool {
	var cleared driver.RetryablePoolError
	var pool topology.PoolError
	return errors.As(err, &cleared) || errors.As(err, &pool) || errors.Is(err, topology.ErrServerClosed)
}

// codesOf are the codes that the server gave. An error of logging in is not yet
// what the driver shows its users.
func codesOf(err error) []int {
	var server mongo.ServerError
	if errors.As(err, &server) {
		return server.ErrorCodes()
	}
	var early driver.Error
	if errors.As(err, &early) {
		return []int{int(early.Code)}
	}
	return nil
}
