package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// A source is a database or one of its transactions.
type source interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

const columns = `sku, name, category, description, cents, picture, discontinued`

func (p *Product) fields() []any {
	return []any{&p.SKU, &p.Name, &p.Category, &p.Description, &p.Cents, &p.Picture, &p.Discontinued}
}

// find lists the products of a category that have a text in their name or
// description; an empty one means all.
func find(ctx context.Context, db source, category, text string) ([]Product, error) {
	rows, err := db.QueryContext(ctx, `SELECT `+columns+` FROM catalogue_product
		WHERE ($1 = '' OR category = $1) AND ($2 = '' OR lower(name || ' ' || description) LIKE $2 ESCAPE '\') ORDER BY place, sku LIMIT 500`,
		category, pattern(text))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Product{}
	for rows.Next() {
		var p Product
		if err := rows.Scan(p.fields()...); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

var escape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// pattern is what LIKE finds a text by.
func pattern(text string) string {
	if text == "" {
		return ""
	}
	return "%" + escape.Replace(strings.ToLower(text)) + "%"
}

func get(ctx context.Context, db source, sku, lock string) (p Product, err error) {
	err = db.QueryRowContext(ctx, `SELECT `+columns+` FROM catalogue_product WHERE sku = $1`+lock, sku).Scan(p.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return p, rest.NotFound("product " + sku)
	}
	return p, err
}

// lock has who reads a row be the only one to change it. SQLite has one writer at
// a time anyhow.
func (s *Service) lock() string {
	if s.o.Dialect == sqlinbox.SQLite {
		return ""
	}
	return " FOR UPDATE"
}

// write inserts or replaces a row. A new one comes last.
func write(ctx context.Context, tx *sql.Tx, p Product) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO catalogue_product (`+columns+`, place)
		VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT coalesce(max(place), 0) + 1 FROM catalogue_product))
		ON CONFLICT (sku) DO UPDATE SET name = excluded.name, category = excluded.category, description = excluded.description,
			cents = excluded.cents, picture = excluded.picture, discontinued = excluded.discontinued`,
		p.SKU, p.Name, p.Category, p.Description, p.Cents, p.Picture, p.Discontinued)
	return err
}
