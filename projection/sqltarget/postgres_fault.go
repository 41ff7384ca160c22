package sqltarget

import (
	"errors"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// The conditions that PostgreSQL reports, by SQLSTATE as in Appendix A of its
// manual: five characters are one condition, two are a class of them.
var postgresFaults = map[projection.Fault][]string{
	projection.FaultAgain: {
		"40",    // transaction rollback: serialization failure, deadlock
		"55P03", // lock not available, also in time
	},
	projection.FaultDown: {
		"08",    // connection exception
		"53",    // insufficient resources: disk full, out of memory, too many connections
		"57014", // canceled: a statement timeout, as a rule
		"57P01", // an administrator ended the connection
		"57P02", // another connection crashed
		"57P03", // starting, stopping or recovering
		"57P05", // idle for too long
		"25P03", // idle for too long in a transaction
		"25P04", // transaction timeout
		"25006", // read-only transaction
		"58030", // I/O error
	},
	projection.FaultSetup: {
		"0L",    // invalid grantor
		"0P",    // invalid role
		"28",    // invalid authorization
		"3D",    // no such database
		"3F",    // no such schema
		"42501", // no rights
		"42P01", // no such table
		"42703", // no such column
		"42704", // no such object: a type, a role
		"42883", // no such function
		"42809", // it is something else, a table instead of a view
		"2BP01", // other objects depend on it
		"57P04", // the database was dropped
		"58P01", // a file of the server is missing
		"F0",    // configuration file
		"XX001", // data corrupted
		"XX002", // index corrupted
	},
}

// PostgresFault sorts an error of PostgreSQL, whichever client reports it: what
// counts is the method SQLState of the error, and for connections that are broken
// what all clients have in common.
func PostgresFault(err error) projection.Fault {
	state := sqlState(err)
	if state == "" {
		return brokenFault(err)
	}
	for fault, states := range postgresFaults {
		if slices.Contains(states, state) || slices.Contains(states, state[:2]) {
			return fault
		}
	}
	return projection.FaultEvent
}

// sqlState is the SQLSTATE of an error, or empty.
func sqlState(err error) string {
	if e, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok && len(e.SQLState()) == 5 {
		return e.SQLState()
	}
	return ""
}

// PostgresMissing reports whether the error says that a table is not there.
func PostgresMissing(err error) bool { return sqlState(err) == "42P01" }

// PostgresWaiting reports whether the error says that a lock could not be had in
// time.
func PostgresWaiting(err error) bool { return sqlState(err) == "55P03" }
