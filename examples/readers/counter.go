package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
	"github.com/cairndb/cairn/projection/redistarget"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// The projection counts the events of each key, and adds up their positions: the
// worst thing to do twice, and the first to show it.
const (
	counting   = "counting"
	countKeys  = 16
	countLanes = 4
)

// countEvents is a runner of the projection.
func countEvents(ctx context.Context, p part, out io.Writer) error {
	switch p.Space.Kind {
	case "pgx":
		pool, err := pgxpool.New(ctx, p.Space.Source)
		if err != nil {
			return err
		}
		defer pool.Close()
		return run(ctx, p, out, pgxtarget.New(pool), pgxCounter())
	case "redis":
		client, err := p.Space.redis()
		if err != nil {
			return err
		}
		defer client.Close()
		return run(ctx, p, out, redistarget.New(client, &redistarget.Options{Prefix: p.Space.prefix()}), redisCounter())
	}
	db, err := p.Space.open()
	if err != nil {
		return err
	}
	defer db.Close()
	return run(ctx, p, out, p.Space.target(db), sqlCounter(p.Space.Kind))
}

// target is a target over an SQL database.
func (s space) target(db *sql.DB) *sqltarget.Target {
	switch s.Kind {
	case "mysql":
		return sqltarget.MySQL(db)
	case "sqlite":
		return sqltarget.SQLite(db)
	}
	return sqltarget.Postgres(db)
}

// run runs a projection, and tells how far it is.
func run[Tx any](ctx context.Context, p part, out io.Writer, target projection.Target[Tx], counter projection.Projection[Tx]) error {
	store, err := dial(ctx, p.Store)
	if err != nil {
		return err
	}
	o := projection.Options{
		MaxBatch: p.Batch, Lease: p.Lease, Report: -1,
		OnApplied: func(at cairn.Position, _ int, _ time.Duration) { fmt.Fprintln(out, "at", at) },
	}
	return errors.Join(projection.Run(ctx, store, watched[Tx]{target, out}, counter, &o), store.Close())
}

// counter is what the projections have in common.
func counter[Tx any](setup func(context.Context, Tx, projection.Names) error, count func(context.Context, Tx, *projection.Event) error) projection.Projection[Tx] {
	return projection.Projection[Tx]{
		Name: counting, Query: cairn.ByCategory("count"), Lanes: countLanes, Setup: setup, Handler: projection.OnEvent(count),
	}
}

// The statements are those of PostgreSQL and SQLite, but for the name of what would
// have been inserted in MySQL.
const (
	makeCounts = `CREATE TABLE IF NOT EXISTS counts (k varchar(40) PRIMARY KEY, n bigint NOT NULL, total bigint NOT NULL)`
	addCount   = `INSERT INTO counts (k, n, total) VALUES ($1, 1, $2) ON CONFLICT (k) DO UPDATE SET n = counts.n + 1, total = counts.total + excluded.total`

	addCountSQLite = `INSERT INTO counts (k, n, total) VALUES (?, 1, ?) ON CONFLICT (k) DO UPDATE SET n = counts.n + 1, total = counts.total + excluded.total`
	addCountMySQL  = `INSERT INTO counts (k, n, total) VALUES (?, 1, ?) ON DUPLICATE KEY UPDATE n = n + 1, total = total + VALUES(total)`
)

func sqlCounter(kind string) projection.Projection[*sql.Tx] {
	add := addCount
	switch kind {
	case "sqlite":
		add = addCountSQLite
	case "mysql":
		add = addCountMySQL
	}
	return counter(func(ctx context.Context, tx *sql.Tx, _ projection.Names) error {
		_, err := tx.ExecContext(ctx, makeCounts)
		return err
	}, func(ctx context.Context, tx *sql.Tx, e *projection.Event) error {
		_, err := tx.ExecContext(ctx, add, e.Stream, int64(e.Position))
		return err
	})
}

func pgxCounter() projection.Projection[pgx.Tx] {
	return counter(func(ctx context.Context, tx pgx.Tx, _ projection.Names) error {
		_, err := tx.Exec(ctx, makeCounts)
		return err
	}, func(ctx context.Context, tx pgx.Tx, e *projection.Event) error {
		return pgxtarget.Queue(ctx, tx, e, addCount, e.Stream, int64(e.Position))
	})
}

func redisCounter() projection.Projection[*redistarget.Tx] {
	return counter(nil, func(ctx context.Context, tx *redistarget.Tx, e *projection.Event) error {
		tx.HIncrBy(ctx, tx.Key("counts", e.Stream), "n", 1)
		return tx.HIncrBy(ctx, tx.Key("counts", e.Stream), "total", int64(e.Position)).Err()
	})
}
