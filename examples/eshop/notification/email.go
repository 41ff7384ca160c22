package notification

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// An Email is one that was sent.
type Email struct {
	Number   int64     `json:"number"`
	Customer string    `json:"customer"`
	Order    string    `json:"order"`
	Subject  string    `json:"subject"`
	Text     string    `json:"text"`
	Because  string    `json:"because"` // the type of the event that it follows
	At       time.Time `json:"at"`
}

// listed is how many e-mails are read, the newest; and the limits of what one may
// ask for, in characters.
const (
	listed      = 100
	maxCustomer = 80
	maxOrder    = 64
)

func tables(d sqlinbox.Dialect) []string {
	serial := "BIGSERIAL PRIMARY KEY"
	if d == sqlinbox.SQLite {
		serial = "INTEGER PRIMARY KEY AUTOINCREMENT"
	}
	return []string{
		`CREATE TABLE IF NOT EXISTS notification_email (number ` + serial + `, customer TEXT NOT NULL, order_id TEXT NOT NULL,
			subject TEXT NOT NULL, body TEXT NOT NULL, because TEXT NOT NULL, sent_at BIGINT NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS notification_email_customer ON notification_email (customer, number)`,
		`CREATE INDEX IF NOT EXISTS notification_email_order ON notification_email (order_id, number)`,
	}
}

func (s *Service) getAll(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := r.URL.Query()
	customer, order := q.Get("customer"), q.Get("order")
	if err := cmp.Or(rest.Text("customer", customer, 0, maxCustomer), rest.Text("order", order, 0, maxOrder)); err != nil {
		return nil, err
	}
	return s.emails(r.Context(), customer, order)
}

// emails lists the newest of a customer and of an order; empty means of all.
func (s *Service) emails(ctx context.Context, customer, order string) ([]Email, error) {
	rows, err := s.o.DB.QueryContext(ctx, `SELECT number, customer, order_id, subject, body, because, sent_at FROM notification_email
		WHERE ($1 = '' OR customer = $1) AND ($2 = '' OR order_id = $2) ORDER BY number DESC LIMIT $3`, customer, order, listed)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Email{}
	for rows.Next() {
		var e Email
		var at int64
		if err := rows.Scan(&e.Number, &e.Customer, &e.Order, &e.Subject, &e.Text, &e.Because, &at); err != nil {
			return nil, err
		}
		e.At = time.UnixMilli(at).UTC()
		all = append(all, e)
	}
	return all, rows.Err()
}
