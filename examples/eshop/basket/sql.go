package basket

import (
	"context"
	"database/sql"
	"fmt"
)

type rows struct{ db *sql.DB }

// SQL keeps baskets in the table basket_line of a database, and makes it if it is
// not there. SQLite and PostgreSQL are spoken to alike. The database is the
// caller's to close.
func SQL(ctx context.Context, db *sql.DB) (Store, error) {
	if _, err := db.ExecContext(ctx, table); err != nil {
		return nil, fmt.Errorf("basket: %w", err)
	}
	return &rows{db}, nil
}

const table = `CREATE TABLE IF NOT EXISTS basket_line (
	session TEXT NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL, quantity BIGINT NOT NULL, cents BIGINT NOT NULL,
	PRIMARY KEY (session, sku))`

// Lines implements [Store].
func (s *rows) Lines(ctx context.Context, session string) ([]Line, error) {
	found, err := s.db.QueryContext(ctx, `SELECT sku, name, quantity, cents FROM basket_line WHERE session = $1 ORDER BY name, sku LIMIT 100`, session)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	all := []Line{}
	for found.Next() {
		var l Line
		if err := found.Scan(&l.SKU, &l.Name, &l.Quantity, &l.Cents); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, found.Err()
}

// Put implements [Store].
func (s *rows) Put(ctx context.Context, session string, l Line) error {
	r, err := s.db.ExecContext(ctx, `INSERT INTO basket_line (session, sku, name, quantity, cents)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS BIGINT)
		WHERE (SELECT count(*) FROM basket_line WHERE session = $1 AND sku <> $2) < $6
		ON CONFLICT (session, sku) DO UPDATE SET name = excluded.name, quantity = excluded.quantity, cents = excluded.cents`,
		session, l.SKU, l.Name, l.Quantity, l.Cents, MaxLines)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return full()
}

// Remove implements [Store].
func (s *rows) Remove(ctx context.Context, session, sku string) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM basket_line WHERE session = $1 AND ($2 = '' OR sku = $2)`, session, sku)
	return err
}
