package reviews

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/cairndb/cairn/inbox/sqlinbox"
)

type table struct {
	db      *sql.DB
	ratings string
}

// SQL keeps documents as JSON in the table review_document of a database.
func SQL(ctx context.Context, db *sql.DB, d sqlinbox.Dialect) (Documents, error) {
	t := &table{db, `SELECT sku, count(*), sum(CAST(document::json->>'stars' AS BIGINT)) FROM review_document GROUP BY sku ORDER BY sku LIMIT $1`}
	if d == sqlinbox.SQLite {
		t.ratings = `SELECT sku, count(*), sum(json_extract(document, '$.stars')) FROM review_document GROUP BY sku ORDER BY sku LIMIT $1`
	}
	for _, statement := range []string{
		`CREATE TABLE IF NOT EXISTS review_document (id TEXT PRIMARY KEY, sku TEXT NOT NULL, document TEXT NOT NULL, told BOOLEAN NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS review_document_sku ON review_document (sku, id)`,
		`CREATE INDEX IF NOT EXISTS review_document_untold ON review_document (id) WHERE NOT told`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Insert implements [Documents].
func (t *table) Insert(ctx context.Context, r Review) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = t.db.ExecContext(ctx, `INSERT INTO review_document (id, sku, document, told) VALUES ($1, $2, $3, false) ON CONFLICT (id) DO NOTHING`, r.ID, r.SKU, string(b))
	return err
}

// Of implements [Documents]. IDs begin with the time, so the last is the newest.
func (t *table) Of(ctx context.Context, sku string, most int) ([]Review, error) {
	return t.list(ctx, `SELECT document FROM review_document WHERE sku = $1 ORDER BY id DESC LIMIT $2`, sku, most)
}

// Untold implements [Documents].
func (t *table) Untold(ctx context.Context, most int) ([]Review, error) {
	return t.list(ctx, `SELECT document FROM review_document WHERE NOT told ORDER BY id LIMIT $1`, most)
}

// Told implements [Documents].
func (t *table) Told(ctx context.Context, id string) error {
	_, err := t.db.ExecContext(ctx, `UPDATE review_document SET told = true WHERE id = $1`, id)
	return err
}

func (t *table) list(ctx context.Context, query string, args ...any) ([]Review, error) {
	rows, err := t.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Review{}
	for rows.Next() {
		var document string
		var r Review
		if err := rows.Scan(&document); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(document), &r); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// Ratings implements [Documents].
func (t *table) Ratings(ctx context.Context) ([]Rating, error) {
	rows, err := t.db.QueryContext(ctx, t.ratings, rated)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Rating{}
	for rows.Next() {
		var r Rating
		if err := rows.Scan(&r.SKU, &r.Count, &r.Stars); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}
