package inventory

import (
	"context"
	"database/sql"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/projection"
)

const levelsName = "stock"

// levels is the read model of the stock: a row for each product.
func levels() projection.Projection[*sql.Tx] {
	return projection.Projection[*sql.Tx]{
		Name:     levelsName,
		Version:  1,
		Query:    cairn.ByCategory(StockCategory),
		Tables:   []string{"stock_level"},
		Setup:    setup,
		Handler:  projection.On(StockEvents, apply),
		Failures: projection.ParkOnFailure,
	}
}

func setup(ctx context.Context, tx *sql.Tx, n projection.Names) error {
	_, err := tx.ExecContext(ctx, `CREATE TABLE `+n.Name("stock_level")+` (sku text PRIMARY KEY, available bigint NOT NULL, reserved bigint NOT NULL)`)
	return err
}

func apply(ctx context.Context, tx *sql.Tx, e StockEvent, at *projection.Event) error {
	sku, table := at.Stream[len(StockCategory)+1:], at.Name("stock_level")
	if c, ok := e.(Counted); ok {
		_, err := tx.ExecContext(ctx, `INSERT INTO `+table+` (sku, available, reserved) VALUES ($1, $2, 0)
			ON CONFLICT (sku) DO UPDATE SET available = excluded.available`, sku, c.Available)
		return err
	}
	change := Stock{}.Evolve(e)
	_, err := tx.ExecContext(ctx, `UPDATE `+table+` SET available = available + $1, reserved = reserved + $2 WHERE sku = $3`,
		change.Available, change.Reserved, sku)
	return err
}

// A Level is a row of it.
type Level struct {
	SKU       string `json:"sku"`
	Available int64  `json:"available"`
	Reserved  int64  `json:"reserved"`
}

func (s *Service) getAll(_ http.ResponseWriter, r *http.Request) (any, error) {
	rows, err := s.o.DB.QueryContext(r.Context(), `SELECT sku, available, reserved FROM stock_level ORDER BY sku LIMIT 1000`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Level{}
	for rows.Next() {
		var l Level
		if err := rows.Scan(&l.SKU, &l.Available, &l.Reserved); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

const maxQuantity = 10_000

func (s *Service) put(w http.ResponseWriter, r *http.Request) (any, error) {
	sku := r.PathValue("sku")
	b, err := rest.Body[struct {
		Quantity int64 `json:"quantity"`
	}](w, r)
	if err == nil {
		err = rest.Name("sku", sku, 40)
	}
	if err == nil {
		err = rest.Between("quantity", b.Quantity, 0, maxQuantity)
	}
	if err != nil {
		return nil, err
	}
	got, err := s.stock.Do(r.Context(), StockOf(sku), Count(int(b.Quantity), false))
	if err == nil && got.Position > 0 {
		w.Header().Set(projection.TokenHeader, projection.FormatToken(got.Position))
	}
	return Level{sku, int64(got.State.Available), int64(got.State.Reserved)}, err
}
