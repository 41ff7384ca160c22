// Package sqltarget keeps read models in an SQL database, through database/sql:
// PostgreSQL, MySQL or MariaDB, and SQLite. Handlers are given an *sql.Tx.
//
//	db, err := sql.Open("pgx", "postgres://localhost/shop")
//	...
//	err = projection.Run(ctx, store, sqltarget.Postgres(db), balances, nil)
//
// The driver is the program's choice. What it reports is understood through the
// methods SQLState (PostgreSQL), the type of github.com/go-sql-driver/mysql, and
// the method Code (SQLite, modernc.org/sqlite). Drivers that report otherwise work,
// but their errors are held against the event in hand.
//
// # Where things are
//
// The bookkeeping is a table, cairn_projection, which is made when it is first
// written. It and the tables of projections lie where the connection puts what has
// no schema in front: the first schema of search_path in PostgreSQL, the database
// of the data source name in MySQL, the file in SQLite. Who may not make tables has
// somebody else make it: [PostgresMake], [MySQLMake], [SQLiteMake].
//
// What readers see under a table's plain name is a view. It shows the columns that
// the table had when it was published; name columns in queries, as a statement with
// * that was prepared before a switch to other columns fails once in PostgreSQL.
//
// # One transaction
//
// An update locks the entries that it expects, or their absence, looks whether they
// stand as expected, runs the handler, and writes the entries. Handlers must not
// end the transaction, and pass on the errors of their statements: most databases
// have undone something by then, and in PostgreSQL all that follows fails anyhow.
//
// A program that is stopped in the middle, not ended, keeps its locks as long as
// its connection lives, and another runner waits for them. Let the database end
// such connections: idle_in_transaction_session_timeout in PostgreSQL,
// idle_write_transaction_timeout in MariaDB. A minute is ample. In SQLite nothing
// does that.
//
// # PostgreSQL
//
// Tables are made, published and dropped in the transaction of the bookkeeping. Any
// isolation level will do; at levels above read committed transactions are more
// often tried again. With synchronous_commit off a crash of the database may lose
// the last transactions, rows and checkpoints alike, and they are done again.
//
// # MySQL and MariaDB
//
// Statements that make or change tables commit what was before them. So Setup and
// Finish, which may be cut short there and run again, must bear it (CREATE TABLE IF
// NOT EXISTS), and handlers must not use such statements at all: rows would be
// committed without their checkpoint. After Setup the expected entries are looked
// at again, and what follows is one transaction. Changes that expect an entry not
// to be there, as those do that begin a build, are made one at a time, by GET_LOCK.
//
// Publishing and dropping use a second connection of the pool, while the first one
// keeps the expected entries locked; a pool of one connection is refused. Views
// are made beside the ones that readers see, and take their place by a single
// RENAME TABLE, then the bookkeeping is written. A crash in between leaves the new
// views to readers and the old bookkeeping; doing it again completes it. It waits
// for a moment in which nobody reads from any of the views; if there is none within
// two seconds readers are made to wait, and then, in MariaDB, a statement that
// reads several views may see some as they were and some as they are. Tables must
// be of InnoDB.
//
// # SQLite
//
// One connection writes at a time, whatever file it writes. Set a busy timeout, so
// that the others wait and are not sent away, and journal_mode WAL, so that readers
// neither wait nor hold up the writer: with modernc.org/sqlite
//
//	file:balances.db?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)
//
// An update takes the right to write with its first statement, as BEGIN IMMEDIATE
// does, so that it is never refused in the middle. Who is sent away gets an error
// that counts as FaultAgain. Each connection to ":memory:" is a database of its
// own; use a file, or a pool of one connection. With synchronous=NORMAL a power cut
// may lose the last transactions, rows and checkpoints alike.
package sqltarget
