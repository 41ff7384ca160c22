package order

import (
	"context"
	"database/sql"
	"net/http"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// listed is how many orders a list has at most.
const listed = 100

func (s *Service) getAll(_ http.ResponseWriter, r *http.Request) (any, error) {
	customer := r.FormValue("customer")
	if err := rest.Text("customer", customer, 0, MaxCustomer); err != nil {
		return nil, err
	}
	rows, err := s.o.DB.QueryContext(r.Context(), `SELECT id, state, revision, placed FROM order_list
		WHERE customer = $1 OR $1 = '' ORDER BY placed DESC, id LIMIT $2`, customer, listed)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Listed{}
	for rows.Next() {
		l, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// A Dashboard is all orders together.
type Dashboard struct {
	Orders    int64   `json:"orders"`
	Cents     int64   `json:"cents"` // of those that are allocated
	Refunded  int64   `json:"refunded"`
	ByStatus  []Count `json:"byStatus"`
	ByProduct []Count `json:"byProduct"` // sold, the most money first
	ByHour    []Count `json:"byHour"`    // placed, the newest last
}

// A Count is one bar of it.
type Count struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
	Cents int64  `json:"cents"`
}

// atOnce is a transaction that sees the sums as they are at one moment.
var atOnce = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}

func (s *Service) getDashboard(_ http.ResponseWriter, r *http.Request) (any, error) {
	tx, err := s.o.DB.BeginTx(r.Context(), atOnce)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // there is nothing to commit
	return dashboard(r.Context(), tx)
}

func dashboard(ctx context.Context, tx *sql.Tx) (d Dashboard, err error) {
	for _, q := range []struct {
		into  *[]Count
		query string
	}{
		{&d.ByStatus, `SELECT status, count, cents FROM sales_status WHERE count > 0 ORDER BY count DESC, status`},
		{&d.ByProduct, `SELECT name, count, cents FROM sales_product ORDER BY cents DESC, sku LIMIT 20`},
		{&d.ByHour, `SELECT * FROM (SELECT hour, count, cents FROM sales_hour ORDER BY hour DESC LIMIT 24) AS latest ORDER BY hour`},
	} {
		if *q.into, err = counts(ctx, tx, q.query); err != nil {
			return d, err
		}
	}
	for _, c := range d.ByStatus {
		d.Orders += c.Count
		if c.Name == string(Allocated) {
			d.Cents = c.Cents
		}
	}
	err = tx.QueryRowContext(ctx, `SELECT coalesce(sum(refunded), 0) FROM sales_hour`).Scan(&d.Refunded)
	return d, err
}

func counts(ctx context.Context, tx *sql.Tx, query string) ([]Count, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Count{}
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Name, &c.Count, &c.Cents); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
