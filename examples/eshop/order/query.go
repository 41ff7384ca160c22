package order

import (
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

func (s *Service) getDashboard(_ http.ResponseWriter, r *http.Request) (any, error) {
	var d Dashboard
	for _, q := range []struct {
		into  *[]Count
		query string
	}{
		{&d.ByStatus, `SELECT status, count, cents FROM sales_status WHERE count > 0 ORDER BY count DESC, status`},
		{&d.ByProduct, `SELECT name, count, cents FROM sales_product ORDER BY cents DESC, sku LIMIT 20`},
		{&d.ByHour, `SELECT * FROM (SELECT hour, count, cents FROM sales_hour ORDER BY hour DESC LIMIT 24) AS latest ORDER BY hour`},
	} {
		var err error
		if *q.into, err = s.counts(r, q.query); err != nil {
			return nil, err
		}
	}
	for _, c := range d.ByStatus {
		d.Orders += c.Count
		if c.Name == string(Allocated) {
			d.Cents = c.Cents
		}
	}
	err := s.o.DB.QueryRowContext(r.Context(), `SELECT coalesce(sum(refunded), 0) FROM sales_hour`).Scan(&d.Refunded)
	return d, err
}

func (s *Service) counts(r *http.Request, query string) ([]Count, error) {
	rows, err := s.o.DB.QueryContext(r.Context(), query)
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
