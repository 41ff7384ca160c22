package sqltarget

import (
	"errors"
	"strings"

	"github.com/cairndb/cairn/projection"
)

// The primary result codes of SQLite, as its documentation lists them.
var sqliteFaults = map[int]projection.Fault{
	3:  projection.FaultSetup, // no permission
	5:  projection.FaultAgain, // busy
	6:  projection.FaultAgain, // locked
	7:  projection.FaultDown,  // out of memory
	8:  projection.FaultDown,  // read-only
	9:  projection.FaultDown,  // interrupted
	10: projection.FaultDown,  // I/O error
	11: projection.FaultSetup, // corrupt
	13: projection.FaultDown,  // full
	14: projection.FaultSetup, // the file cannot be opened
	15: projection.FaultAgain, // another connection was quicker with the write-ahead log
	17: projection.FaultAgain, // the schema has changed
	23: projection.FaultSetup, // not authorized
	26: projection.FaultSetup, // no database
}

// What SQLite says where it has no code, or where the driver has no method Code.
var sqliteTexts = []struct {
	text  string
	fault projection.Fault
}{
	{"no such table", projection.FaultSetup},
	{"no such column", projection.FaultSetup},
	{"has no column named", projection.FaultSetup},
	{"no such function", projection.FaultSetup},
	{"no such view", projection.FaultSetup},
	{"database is locked", projection.FaultAgain},
	{"table is locked", projection.FaultAgain},
	{"readonly database", projection.FaultDown},
	{"disk is full", projection.FaultDown},
	{"disk I/O error", projection.FaultDown},
	{"unable to open database file", projection.FaultSetup},
}

// sqliteFault sorts an error of SQLite.
func sqliteFault(err error) projection.Fault {
	if err == nil {
		return projection.FaultEvent
	}
	if isRefused(err) {
		return projection.FaultSetup
	}
	const generic = 1
	e, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	if ok && e.Code()&0xff != generic {
		return sqliteFaults[e.Code()&0xff]
	}
	for _, t := range sqliteTexts {
		if strings.Contains(err.Error(), t.text) {
			return t.fault
		}
	}
	return brokenFault(err)
}
