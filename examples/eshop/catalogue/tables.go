package catalogue

import (
	"context"
	"database/sql"
	"errors"

	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// prepare makes what is not there yet.
func (s *Service) prepare(ctx context.Context) error {
	marks, err := sqlinbox.Schema(s.o.Dialect, "catalogue_inbox")
	if err != nil {
		return err
	}
	serial := "BIGSERIAL PRIMARY KEY"
	if s.o.Dialect == sqlinbox.SQLite {
		serial = "INTEGER PRIMARY KEY AUTOINCREMENT"
	}
	return s.transact(ctx, func(tx *sql.Tx) error {
		for _, statement := range append(marks,
			`CREATE TABLE IF NOT EXISTS catalogue_product (sku TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL,
				description TEXT NOT NULL, cents BIGINT NOT NULL, picture TEXT NOT NULL, discontinued BOOLEAN NOT NULL, place BIGINT NOT NULL)`,
			`CREATE TABLE IF NOT EXISTS catalogue_outbox (id `+serial+`, topic TEXT NOT NULL, key TEXT NOT NULL, event TEXT NOT NULL)`) {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return s.fill(ctx, tx)
	})
}

// fill gives a new catalogue its first products.
func (s *Service) fill(ctx context.Context, tx *sql.Tx) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM catalogue_product`).Scan(&n); err != nil {
		return err
	}
	if n > 0 || s.o.Empty {
		return nil
	}
	for _, p := range seed {
		if err := errors.Join(write(ctx, tx, p), s.tellPrice(ctx, tx, Product{}, p)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) transact(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.o.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}
