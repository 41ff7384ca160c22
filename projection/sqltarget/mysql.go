package sqltarget

// MySQLMake makes the ledger in MySQL or MariaDB. Several may do it at a time.
const MySQLMake = "CREATE TABLE IF NOT EXISTS cairn_projection (" +
	"id varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, value mediumblob NOT NULL) ENGINE=InnoDB"

// mySQL reads by primary key wherever it locks, so that it locks no gaps. The
// variable autocommit is off during a transaction because a deadlock undoes it:
// statements of a handler that went on would each be committed otherwise. Setup
// that fails after it has made tables leaves a mark behind, an empty value, which
// is no entry and in nobody's way.
var mySQL = dialect{
	make:    MySQLMake,
	entries: "SELECT id, value FROM cairn_projection WHERE id >= ? AND id < ? AND value <> '' ORDER BY id",
	hold:    "INSERT INTO cairn_projection (id, value) VALUES (?, '') ON DUPLICATE KEY UPDATE id = id",
	lock:    "SELECT value FROM cairn_projection WHERE id = ? FOR UPDATE",
	put:     "INSERT INTO cairn_projection (id, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)",
	remove:  "DELETE FROM cairn_projection WHERE id = ?",
	touch:   "DO (SELECT 1 FROM cairn_projection WHERE false)",
	before:  "SET autocommit = 0",
	after:   "SET autocommit = 1",
	guard:   "SELECT coalesce(GET_LOCK(" + mySQLGuard + ", 50), 0)",
	unguard: "DO RELEASE_LOCK(" + mySQLGuard + ")",
	commits: true,
	row:     func(int) string { return "(?, ?)" },
	undoes:  true,
	fault:   mySQLFault,
	missing: func(err error) bool { return mySQLNumber(err) == mySQLMissing },
	waiting: func(err error) bool { return mySQLNumber(err) == mySQLWaited },
	publish: mySQLPublish,
	discard: mySQLDiscard, withdraw: mySQLWithdraw,
}

// mySQLGuard is the name of a lock, which all databases of a server share. It must
// not be longer than 64 characters.
const mySQLGuard = "concat('cairn/', md5(concat(database(), '/', ?)))"

// mySQLName is the longest name of a table in MySQL, in characters.
const mySQLName = 64

// The numbers of errors that are acted upon.
const (
	mySQLMissing = 1146 // a table
	mySQLWaited  = 1205 // too long for a lock
)
