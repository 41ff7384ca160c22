package workload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn/projection"
)

// A readModel is a schema of its own in PostgreSQL, for one measurement.
type readModel struct {
	*pgxpool.Pool
	schema string
}

// openReadModel makes the schema where the PG* variables say, by default as user
// postgres at 127.0.0.1. If there is no server the workload is left out, unless
// services must be there.
func (r *Run) openReadModel(ctx context.Context) (*readModel, error) {
	schema := fmt.Sprintf("cairn_bench_%d_project_%08x", os.Getpid(), rand.Uint32())
	config, err := pgxpool.ParseConfig(fmt.Sprintf("host=%s user=%s dbname=%s pool_max_conns=8",
		cmp.Or(os.Getenv("PGHOST"), "127.0.0.1"), cmp.Or(os.Getenv("PGUSER"), "postgres"), cmp.Or(os.Getenv("PGDATABASE"), "postgres")))
	if err != nil {
		return nil, err
	}
	config.ConnConfig.RuntimeParams["search_path"] = schema
	config.ConnConfig.RuntimeParams["client_min_messages"] = "warning"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		if r.Strict {
			return nil, err
		}
		r.Log("PostgreSQL does not answer: %v", err)
		return nil, errors.Join(ErrCannot, err)
	}
	_, err = pool.Exec(ctx, "CREATE SCHEMA "+schema)
	return &readModel{pool, schema}, err
}

// drop removes what was measured, and writes down what the server still has to, so
// that it does not do so while the next one is measured.
func (m *readModel) drop(ctx context.Context) error {
	defer m.Close()
	ctx = context.WithoutCancel(ctx)
	_, err := m.Exec(ctx, "DROP SCHEMA "+m.schema+" CASCADE")
	_, failed := m.Exec(ctx, "CHECKPOINT")
	return errors.Join(err, failed)
}

// rows is how many there are, in a table or view.
func (m *readModel) rows(ctx context.Context, table string) (n int, err error) {
	err = m.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n)
	return n, err
}

// rowColumns are those of one row for each event.
const rowColumns = ` (position bigint PRIMARY KEY, stream text NOT NULL, revision bigint NOT NULL, size int NOT NULL)`

// postgresRows is the projection of a row for each event.
func postgresRows(h projection.Handler[pgx.Tx]) projection.Projection[pgx.Tx] {
	return projection.Projection[pgx.Tx]{
		Name: "rows", Tables: []string{"entry"}, Handler: h,
		Setup: func(ctx context.Context, tx pgx.Tx, n projection.Names) error {
			_, err := tx.Exec(ctx, "CREATE TABLE "+n.Name("entry")+rowColumns)
			return err
		},
	}
}
