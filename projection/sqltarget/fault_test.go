package sqltarget_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/sqltarget"
)

type state string

func (s state) Error() string    { return "the database said " + string(s) }
func (s state) SQLState() string { return string(s) }

type code int

func (c code) Error() string { return fmt.Sprintf("code %d", int(c)) }
func (c code) Code() int     { return int(c) }

func number(n uint16) error { return &mysql.MySQLError{Number: n, Message: "no such thing"} }

func TestFaults(t *testing.T) {
	const event, again, down, setup = projection.FaultEvent, projection.FaultAgain, projection.FaultDown, projection.FaultSetup
	for _, k := range kinds {
		target := k.open(nil)
		of := map[error]projection.Fault{
			errors.New("no paper"): event, io.EOF: down, driver.ErrBadConn: down, sql.ErrConnDone: down, sql.ErrTxDone: setup,
			&net.OpError{Op: "dial", Err: errors.New("refused")}: down, errors.New("sql: database is closed"): setup,
			context.DeadlineExceeded: down, sql.ErrNoRows: event,
		}
		switch k.driver {
		case "pgx":
			for s, fault := range map[state]projection.Fault{
				"40001": again, "40P01": again, "55P03": again, "23505": event, "22003": event, "23503": event, "42601": event,
				"P0001": event, "25P02": event, "08006": down, "53100": down, "53300": down, "57P01": down, "57P03": down, "25006": down,
				"57014": down, "42P01": setup, "3F000": setup, "42703": setup, "42501": setup, "28P01": setup, "3D000": setup, "57P04": setup, "4": event,
			} {
				of[s] = fault
			}
		case "mysql":
			for n, fault := range map[uint16]projection.Fault{
				1205: again, 1213: again, 1020: again, 1062: event, 1264: event, 1406: event, 1452: event, 1064: event, 1040: down, 1053: down,
				1114: down, 1021: down, 1290: down, 1792: down, 1836: down, 1927: down, 1044: setup, 1045: setup, 1049: setup, 1054: setup, 1146: setup, 1142: setup,
			} {
				of[number(n)] = fault
			}
			of[mysql.ErrInvalidConn], of[mysql.ErrOldPassword] = down, setup
		case "sqlite":
			for c, fault := range map[code]projection.Fault{
				5: again, 261: again, 517: again, 6: again, 17: again, 19: event, 2067: event, 20: event, 8: down, 10: down, 13: down, 778: down,
				14: setup, 26: setup, 11: setup, 23: setup, 1: event,
			} {
				of[c] = fault
			}
			of[errors.New("no such table: nowhere")], of[errors.New("database is locked")] = setup, again
		}
		for err, want := range of {
			for _, e := range []error{err, fmt.Errorf("wrapped: %w", err), &projection.EventError{Position: 1, Err: err}} {
				if strings.HasPrefix(err.Error(), "sql: database is closed") && e != err {
					continue // it is known by its text
				}
				if got := target.Fault(e); got != want {
					t.Errorf("%s: %v is %v, want %v", k.name, e, got, want)
				}
			}
		}
	}
}

// What the databases really say.
func TestStatementsThatFail(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		exec(t, db, db.sql(`CREATE TABLE item (k text NOT NULL, n int NOT NULL CHECK (n > 0))`))
		for query, want := range map[string]projection.Fault{
			`INSERT INTO item (k, n) VALUES ('a', -1)`:   projection.FaultEvent,
			`INSERT INTO item (k, n) VALUES ('a', NULL)`: projection.FaultEvent,
			`INSERT INTO item (k, m) VALUES ('a', 1)`:    projection.FaultSetup,
			`DELETE FROM not_there`:                      projection.FaultSetup,
			`DELETE FROM item WHERE m = 1`:               projection.FaultSetup,
			`SELECT no_such_function(1)`:                 projection.FaultSetup,
		} {
			err := db.target.Update(t.Context(), put("a", "1"), func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, query)
				return err
			})
			if got := db.target.Fault(err); err == nil || got != want {
				t.Errorf("%s: %v is %v, want %v", query, err, got, want)
			}
		}
		db.holds(t, "a", "")
	})
}

// A database that is read-only for a while keeps nobody's event from being applied
// later.
func TestReadOnly(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		source := map[string]string{
			"pgx": db.source + "&default_transaction_read_only=on", "mysql": db.source + "?transaction_read_only=1", "sqlite": db.source + "&_pragma=query_only(1)",
		}[db.driver]
		if db.driver == "mysql" && strings.Contains(one[string](t, db.DB, `SELECT version()`), "MariaDB") {
			source = db.source + "?tx_read_only=1"
		}
		target := db.open(pool(t, db.driver, source))
		for range 2 { // without a ledger, and with one
			down(t, target, target.Apply(t.Context(), put("a", "2")))
			down(t, target, target.Update(t.Context(), put("a", "2"), func(context.Context, *sql.Tx) error { return nil }))
			down(t, target, target.Publish(t.Context(), put("a", "2"), nil, projection.Names{Build: 1}))
			if _, err := target.Entries(t.Context(), ""); err != nil {
				t.Errorf("reading: %v", err)
			}
			ok(t, db.target.Apply(t.Context(), put("a", "1")))
		}
		db.holds(t, "a", "1")
	})
}

func TestMissingSchema(t *testing.T) {
	db := onPostgres.database(t)
	target := sqltarget.Postgres(pool(t, "pgx", withParameter(t, db.source, "search_path", "nowhere")))
	err := target.Apply(t.Context(), put("a", "1"))
	equal(t, fmt.Sprint(err), target.Fault(err), projection.FaultSetup)
}

func TestSQLiteFull(t *testing.T) {
	db := onSQLite.database(t)
	exec(t, db, `CREATE TABLE item (k text)`)
	db.SetMaxOpenConns(1) // the limit is the connection's
	exec(t, db, `PRAGMA max_page_count = 20`)
	ok(t, db.target.Apply(t.Context(), put("a", "1")))
	fill := func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO item VALUES (zeroblob(1000000))`)
		return err
	}
	down(t, db.target, db.target.Update(t.Context(), change("a", "1", "2"), fill))
	// SQLite has undone all by then, and so the next statement is by itself.
	err := db.target.Update(t.Context(), change("a", "1", "2"), func(ctx context.Context, tx *sql.Tx) error {
		_ = fill(ctx, tx)
		return nil
	})
	if err == nil {
		t.Error("an entry was written without its rows")
	}
	db.holds(t, "a", "1")
	exec(t, db, `PRAGMA max_page_count = 2000`)
	ok(t, db.target.Update(t.Context(), change("a", "1", "2"), fill))
	db.holds(t, "a", "2")
}

func TestSQLiteBusy(t *testing.T) {
	db := onSQLite.database(t)
	hasty := sqltarget.SQLite(pool(t, "sqlite", strings.Replace(db.source, "busy_timeout(60000)", "busy_timeout(0)", 1)))
	ok(t, db.target.Apply(t.Context(), put("a", "1")))
	ok(t, db.target.Update(t.Context(), change("a", "1", "2"), func(context.Context, *sql.Tx) error {
		ran := false
		err := hasty.Update(t.Context(), change("a", "1", "3"), func(context.Context, *sql.Tx) error { ran = true; return nil })
		equal(t, fmt.Sprint("a second writer: ", err), fmt.Sprint(hasty.Fault(err), ran), "again false")
		if _, err := hasty.Entries(t.Context(), ""); err != nil {
			t.Errorf("a reader beside a writer: %v", err)
		}
		return nil
	}))
	db.holds(t, "a", "2")
}

func put(key, value string) projection.Change {
	return projection.Change{Put: []projection.Entry{{Key: key, Value: value}}}
}

func change(key, from, to string) projection.Change {
	return projection.Change{Expect: []projection.Entry{{Key: key, Value: from}}, Put: []projection.Entry{{Key: key, Value: to}}}
}

func (db *database) holds(t testing.TB, key, want string) {
	t.Helper()
	entries, err := db.target.Entries(context.WithoutCancel(t.Context()), key)
	got := ""
	for _, e := range entries {
		got += e.Value
	}
	if err != nil || got != want {
		t.Errorf("entry %s is %q (%v), want %q", key, got, err, want)
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func down(t testing.TB, target *sqltarget.Target, err error) {
	t.Helper()
	if err == nil || target.Fault(err) != projection.FaultDown {
		t.Errorf("%v is %v, want down", err, target.Fault(err))
	}
}
