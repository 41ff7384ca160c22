package pgxtarget_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
	"github.com/cairndb/cairn/projection/targettest"
)

// The kit with what most people will have: prepared statements and a queue.
func TestConformance(t *testing.T) {
	t.Parallel()
	targettest.Run(t, func(t testing.TB) targettest.Subject[pgx.Tx] {
		return subject(t, pgx.QueryExecModeCacheStatement, true)
	})
}

// The kit with what a pooler of transactions wants, and handlers that wait.
func TestConformanceInTheSimpleProtocol(t *testing.T) {
	if testing.Short() {
		t.Skip("the kit once will do")
	}
	t.Parallel()
	const same = "takes long, and is no other in the simple protocol"
	targettest.Run(t, func(t testing.TB) targettest.Subject[pgx.Tx] {
		s := subject(t, pgx.QueryExecModeSimpleProtocol, false)
		s.Except = map[string]string{"Publish/UnderLoad": same, "Publish/Unnoticed": same, "Discard/Unnoticed": same,
			"Races/OneWins": same, "Contexts/EndAnywhere": same, "Faults/Connections": same, "Lanes/InTheWay": same}
		return s
	})
}

func subject(t testing.TB, how pgx.QueryExecMode, queue bool) targettest.Subject[pgx.Tx] {
	d := newDatabase(t)
	const first = "cairn first"
	own := d.schema + first
	reader := d.pool(mode(how))
	exec := func(ctx context.Context, tx pgx.Tx, sql string, args ...any) error {
		if queue {
			return pgxtarget.Queue(ctx, tx, nil, sql, args...)
		}
		_, err := tx.Exec(ctx, sql, args...)
		return err
	}
	return targettest.Subject[pgx.Tx]{
		Target: d.target(mode(how), name(own)),
		Second: d.target(mode(how)),
		Make: func(ctx context.Context, tx pgx.Tx, table string) error {
			_, err := tx.Exec(ctx, `CREATE TABLE "`+table+`" (k text PRIMARY KEY, n bigint NOT NULL CHECK (n <> -77))`)
			return err
		},
		Put: func(ctx context.Context, tx pgx.Tx, r targettest.Row) error {
			return exec(ctx, tx, `INSERT INTO "`+r.Table+`" (k, n) VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET n = excluded.n`, r.Key, r.N)
		},
		Add: func(ctx context.Context, tx pgx.Tx, r targettest.Row) error {
			return exec(ctx, tx, `INSERT INTO "`+r.Table+`" AS t (k, n) VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET n = t.n + excluded.n`, r.Key, r.N)
		},
		Delete: func(ctx context.Context, tx pgx.Tx, r targettest.Row) error {
			return exec(ctx, tx, `DELETE FROM "`+r.Table+`" WHERE k = $1`, r.Key)
		},
		Rows: func(ctx context.Context, tables ...string) ([]map[string]int64, error) {
			return rows(ctx, reader, tables)
		},
		Faults: targettest.Faults[pgx.Tx]{
			Violate: func(ctx context.Context, tx pgx.Tx, table string) error {
				return exec(ctx, tx, `INSERT INTO "`+table+`" VALUES ('a', -77)`)
			},
			Missing: func(ctx context.Context, tx pgx.Tx, table string) error {
				return exec(ctx, tx, `INSERT INTO "`+table+`" VALUES ('a', 1)`)
			},
			Clash:  d.clash,
			Cut:    func(testing.TB) { d.terminate(own) },
			Down:   func(t testing.TB) projection.Target[pgx.Tx] { return d.target(elsewhere) },
			Locked: func(t testing.TB) projection.Target[pgx.Tx] { return d.target(nobody) },
		},
		Lacks: []targettest.Feature{targettest.NUL},
	}
}

// elsewhere connects to where nobody listens.
func elsewhere(c *pgxpool.Config) { c.ConnConfig.Host, c.ConnConfig.Port = "127.0.0.1", 1 }

// nobody connects to a database that is not there.
func nobody(c *pgxpool.Config) { c.ConnConfig.Database = "cairn_is_not_there" }

// rows reads tables as of one moment, which one statement does.
func rows(ctx context.Context, pool *pgxpool.Pool, tables []string) ([]map[string]int64, error) {
	var parts []string
	all := make([]map[string]int64, len(tables))
	for i, table := range tables {
		all[i] = map[string]int64{}
		parts = append(parts, fmt.Sprintf(`SELECT %d, k, n FROM "%s"`, i, table))
	}
	found, err := pool.Query(ctx, strings.Join(parts, " UNION ALL "))
	if err != nil {
		return nil, err
	}
	var i int
	var k string
	var n int64
	_, err = pgx.ForEachRow(found, []any{&i, &k, &n}, func() error { all[i][k] = n; return nil })
	return all, err
}

// clash brings two transactions to wait for each other, and returns the error of
// the one that PostgreSQL gives up.
func (d *database) clash(t testing.TB) error {
	d.do(`CREATE TABLE clash (k int PRIMARY KEY, n int)`)
	d.do(`INSERT INTO clash VALUES (0, 0), (1, 0)`)
	pool, ctx := d.pool(), within(t)
	turn, errs := make(chan struct{}), make(chan error, 2)
	for i := range 2 {
		go func() {
			errs <- pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE clash SET n = n + 1 WHERE k = $1`, i)
				if i == 0 {
					turn <- struct{}{}
				} else {
					<-turn
				}
				if err == nil {
					_, err = tx.Exec(ctx, `UPDATE clash SET n = n + 1 WHERE k = $1`, 1-i)
				}
				return err
			})
		}()
	}
	return errors.Join(<-errs, <-errs)
}
