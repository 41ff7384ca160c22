package sqltarget_test

import (
	"context"
	"database/sql"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/cairndb/cairn/projection"
)

// clash is a deadlock, or in SQLite a second writer that does not wait.
func (db *database) clash(t testing.TB) error {
	if db.driver == "sqlite" {
		return db.busy(t)
	}
	exec(t, db, `CREATE TABLE clash (k int PRIMARY KEY, n int)`)
	exec(t, db, `INSERT INTO clash VALUES (1, 0), (2, 0)`)
	var met, all sync.WaitGroup
	met.Add(2)
	failures := make(chan error, 2)
	for _, order := range [][2]int{{1, 2}, {2, 1}} {
		all.Go(func() { failures <- db.cross(order, func() { met.Done(); met.Wait() }) })
	}
	all.Wait()
	if err := <-failures; err != nil {
		return err
	}
	return <-failures
}

// cross changes two rows, one before and one after meeting somebody.
func (db *database) cross(order [2]int, meet func()) error {
	once := sync.OnceFunc(meet)
	defer once()
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, k := range order {
		if _, err := tx.Exec(db.sql(`UPDATE clash SET n = n + 1 WHERE k = $1`), k); err != nil {
			return err
		}
		once()
	}
	return tx.Commit()
}

func (db *database) busy(t testing.TB) error {
	hasty := pool(t, db.driver, strings.Replace(db.source, "busy_timeout(60000)", "busy_timeout(0)", 1))
	exec(t, db, `CREATE TABLE clash (k int)`)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	exec(t, tx, `INSERT INTO clash VALUES (1)`)
	_, err = hasty.Exec(`INSERT INTO clash VALUES (2)`)
	return err
}

// cut ends the connections of the pool at the server. SQLite has no server.
func (db *database) cut() func(t testing.TB) {
	switch db.driver {
	case "pgx":
		return func(t testing.TB) {
			exec(t, db.pool(t), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND pid = ANY($1)`, db.ids(t, `SELECT pg_backend_pid()`))
		}
	case "mysql":
		return func(t testing.TB) {
			other := db.pool(t)
			for _, id := range db.ids(t, `SELECT connection_id()`) {
				exec(t, other, `KILL ?`, id)
			}
		}
	}
	return nil
}

// ids are what the server calls the connections of the pool that are open.
func (db *database) ids(t testing.TB, query string) (ids []int64) {
	for range db.Stats().OpenConnections {
		conn, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var id int64
		if err := conn.QueryRowContext(context.Background(), query).Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// down is a server at a port where nobody listens. SQLite has no server.
func (db *database) down() func(t testing.TB) projection.Target[*sql.Tx] {
	if db.driver == "sqlite" {
		return nil
	}
	return func(t testing.TB) projection.Target[*sql.Tx] {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().String()
		l.Close()
		if db.driver == "mysql" {
			return db.open(pool(t, db.driver, "root@tcp("+port+")/test"))
		}
		return db.open(pool(t, db.driver, "postgres://postgres@"+port+"/test?sslmode=disable"))
	}
}

// locked is a database that is not there.
func (db *database) locked() func(t testing.TB) projection.Target[*sql.Tx] {
	return func(t testing.TB) projection.Target[*sql.Tx] {
		source := "file:" + filepath.Join(t.TempDir(), "no", "folder.db")
		switch db.driver {
		case "pgx":
			source = withParameter(t, db.source, "database", "sqltarget_none")
		case "mysql":
			c, err := mysql.ParseDSN(db.source)
			if err != nil {
				t.Fatal(err)
			}
			c.DBName = "sqltarget_none"
			source = c.FormatDSN()
		}
		return db.open(pool(t, db.driver, source))
	}
}
