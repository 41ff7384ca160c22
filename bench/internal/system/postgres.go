package system

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/measure"
)

// ErrUnavailable is matched by the error of Open for a service that does not
// answer.
var ErrUnavailable = errors.New("system: service not available")

// A postgres is a schema of its own in a running server, which the PG*
// variables name; by default user postgres at 127.0.0.1.
type postgres struct{ pool *pgxpool.Pool }

//go:embed postgres.sql
var postgresSchema string

// postgresPool is the number of connections that did best of 8, 16, 32, 64, 90.
const postgresPool = 8

// schemaPrefix begins the name of every schema of this process.
var schemaPrefix = fmt.Sprintf("cairn_bench_%d_", os.Getpid())

func postgresConfig(schema string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(fmt.Sprintf("host=%s user=%s dbname=%s pool_max_conns=%d",
		cmp.Or(os.Getenv("PGHOST"), "127.0.0.1"), cmp.Or(os.Getenv("PGUSER"), "postgres"),
		cmp.Or(os.Getenv("PGDATABASE"), "postgres"), postgresPool))
	if err != nil {
		return nil, err
	}
	config.ConnConfig.RuntimeParams["application_name"] = "cairn-bench"
	config.ConnConfig.RuntimeParams["client_min_messages"] = "warning"
	config.ConnConfig.RuntimeParams["search_path"] = schema
	return config, nil
}

func openPostgres(ctx context.Context, o Options) (System, error) {
	schema := schemaPrefix + strings.ReplaceAll(filepath.Base(o.Dir), "-", "_")
	config, err := postgresConfig(schema)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("%w: PostgreSQL: %w", ErrUnavailable, err)
	}
	if _, err := pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema+";"+postgresSchema); err != nil {
		pool.Close()
		return nil, err
	}
	return &postgres{pool}, nil
}

// sweepPostgres drops what this process has made.
func sweepPostgres(ctx context.Context) error {
	config, err := postgresConfig("public")
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return nil // there was no server, so there is nothing to drop
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1)", schemaPrefix)
	if err != nil {
		return err
	}
	schemas, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, schema := range schemas {
		if _, err := conn.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			return err
		}
	}
	return nil
}

func (p *postgres) Append(ctx context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	var row pgx.Row
	if len(events) == 1 {
		e := &events[0]
		row = p.pool.QueryRow(ctx, "SELECT write_message($1, $2, $3, $4, $5, $6)",
			[16]byte(e.ID), stream, e.Type, e.Data, e.Metadata, int64(expected))
	} else {
		ids, types, data, metadata := columns(events)
		row = p.pool.QueryRow(ctx, "SELECT write_messages($1, $2, $3, $4, $5, $6)",
			ids, stream, types, data, metadata, int64(expected))
	}
	var last int64
	err := row.Scan(&last)
	var failure *pgconn.PgError
	if errors.As(err, &failure) && failure.Code == "CB001" {
		return conflict(stream, expected, cairn.Any)
	}
	return err
}

func columns(events []cairn.Event) (ids [][16]byte, types []string, data, metadata [][]byte) {
	for i := range events {
		ids = append(ids, events[i].ID)
		types = append(types, events[i].Type)
		data = append(data, events[i].Data)
		metadata = append(metadata, events[i].Metadata)
	}
	return ids, types, data, metadata
}

// Version is the server's own account of it.
func (p *postgres) Version(ctx context.Context) string {
	var version string
	if err := p.pool.QueryRow(ctx, "SHOW server_version").Scan(&version); err != nil {
		return "PostgreSQL"
	}
	number, _, _ := strings.Cut(version, " ")
	return "PostgreSQL " + number
}

// CPU is that of the server's processes that run now, if they run on this
// machine where this process can see them.
func (p *postgres) CPU(ctx context.Context) (time.Duration, error) {
	var backend int
	if err := p.pool.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		return 0, err
	}
	postmaster, err := measure.Parent(backend, "postgres")
	if err != nil {
		return 0, err
	}
	return measure.FamilyCPU(postmaster)
}

// Close also lets the server write its dirty pages, so that it does not do so
// while the next system is measured.
func (p *postgres) Close() error {
	defer p.pool.Close()
	_, err := p.pool.Exec(context.Background(), "CHECKPOINT")
	return err
}
