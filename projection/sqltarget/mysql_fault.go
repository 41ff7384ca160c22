package sqltarget

import (
	"errors"
	"slices"

	"github.com/go-sql-driver/mysql"

	"github.com/cairndb/cairn/projection"
)

// The errors of MySQL, by their numbers in its manual and in that of MariaDB.
var mySQLFaults = map[projection.Fault][]uint16{
	projection.FaultAgain: {
		1020, // the row has changed since it was read (MariaDB)
		1205, // waited too long for a lock
		1213, // deadlock
		1637, // too many transactions
		3101, // undone by the group during commit
		3572, // a lock is not to be had at once
	},
	projection.FaultDown: {
		3, 5, 9, 1021, 1026, 1030, 1114, // disk full, or a file not written
		1037, 1038, 1041, // out of memory
		1040, 1203, 1226, // too many connections
		1047, 1053, 1077, 1079, 1080, // not ready yet, or shutting down
		1129,                                                             // the host is blocked after too many errors
		1152, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 1927, // connection broken or killed
		1290, 1792, 1836, // read-only
		1317, 1969, 3024, // interrupted, by a person or a time limit
	},
	projection.FaultSetup: {
		1044, 1045, 1130, 1142, 1143, 1227, 1370, 1524, 1698, 1820, 1862, // credentials and rights
		1046, 1049, // database
		1051, 1054, 1109, 1146, 1305, 1347, // table, column, function, and a table that is no view
	},
}

// mySQLFault sorts an error of MySQL or MariaDB.
func mySQLFault(err error) projection.Fault {
	number := mySQLNumber(err)
	if number == 0 {
		return mySQLBroken(err)
	}
	for fault, numbers := range mySQLFaults {
		if slices.Contains(numbers, number) {
			return fault
		}
	}
	return projection.FaultEvent
}

// mySQLNumber is the number of an error, or zero.
func mySQLNumber(err error) uint16 {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number
	}
	return 0
}

// mySQLBroken sorts errors of the client.
func mySQLBroken(err error) projection.Fault {
	switch {
	case anyOf(err, mysql.ErrInvalidConn, mysql.ErrMalformPkt, mysql.ErrPktSync, mysql.ErrPktSyncMul, mysql.ErrBusyBuffer):
		return projection.FaultDown
	case anyOf(err, mysql.ErrNoTLS, mysql.ErrCleartextPassword, mysql.ErrNativePassword, mysql.ErrOldPassword, mysql.ErrUnknownPlugin, mysql.ErrOldProtocol),
		isRefused(err):
		return projection.FaultSetup
	}
	return brokenFault(err)
}
