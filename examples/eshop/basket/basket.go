package basket

import (
	"cmp"
	"context"
	"database/sql"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A Line is so many of one product, at the price that the customer was shown.
type Line struct {
	SKU      string `json:"sku"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
	Cents    int64  `json:"cents"`
}

// The limits of a basket and of its lines' fields.
const (
	MaxSession  = 64
	MaxLines    = 50
	MaxQuantity = 99
	MaxSKU      = 40
	MaxName     = 80
	MaxCents    = 10_000_000
)

func (l *Line) validate() error {
	return cmp.Or(
		rest.Name("sku", l.SKU, MaxSKU),
		rest.Text("name", l.Name, 1, MaxName),
		rest.Between("quantity", int64(l.Quantity), 1, MaxQuantity),
		rest.Between("cents", l.Cents, 1, MaxCents),
	)
}

const table = `CREATE TABLE IF NOT EXISTS basket_line (
	session TEXT NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL, quantity BIGINT NOT NULL, cents BIGINT NOT NULL,
	PRIMARY KEY (session, sku))`

func (s *Service) lines(ctx context.Context, session string) ([]Line, error) {
	rows, err := s.o.DB.QueryContext(ctx, `SELECT sku, name, quantity, cents FROM basket_line WHERE session = $1 ORDER BY name, sku LIMIT 100`, session)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Line{}
	for rows.Next() {
		var l Line
		if err := rows.Scan(&l.SKU, &l.Name, &l.Quantity, &l.Cents); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// put writes a line, unless that would be one too many. Two that are put at the
// same moment may make a basket that is one over, which harms nobody.
func (s *Service) put(ctx context.Context, session string, l Line) error {
	r, err := s.o.DB.ExecContext(ctx, `INSERT INTO basket_line (session, sku, name, quantity, cents)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS BIGINT)
		WHERE (SELECT count(*) FROM basket_line WHERE session = $1 AND sku <> $2) < $6
		ON CONFLICT (session, sku) DO UPDATE SET name = excluded.name, quantity = excluded.quantity, cents = excluded.cents`,
		session, l.SKU, l.Name, l.Quantity, l.Cents, MaxLines)
	return written(r, err)
}

func written(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n > 0 {
		return err
	}
	p := rest.Invalid("lines", "are %d already, and more do not fit into a basket", MaxLines)
	p.Limit = MaxLines
	return p
}

// remove takes a line out, or with no SKU all of them.
func (s *Service) remove(ctx context.Context, session, sku string) error {
	_, err := s.o.DB.ExecContext(ctx, `DELETE FROM basket_line WHERE session = $1 AND ($2 = '' OR sku = $2)`, session, sku)
	return err
}
