package order

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

const salesName = "sales"

// sales is the read model of the dashboard: sums, kept up with each event, so that
// looking costs the same however many orders there are. sales_open remembers what
// is needed of an order to take it out of one sum and put it into another; it goes
// when the order has come to its end.
func sales() projection.Projection[*sql.Tx] {
	return projection.Projection[*sql.Tx]{
		Name:     salesName,
		Version:  1,
		Query:    cairn.ByCategory(Category),
		Tables:   []string{"sales_status", "sales_product", "sales_hour", "sales_open"},
		Setup:    setupSales,
		Handler:  projection.On(Events, applyToSales),
		Failures: projection.ParkOnFailure,
	}
}

func setupSales(ctx context.Context, tx *sql.Tx, n projection.Names) error {
	for _, table := range []string{
		n.Name("sales_status") + ` (status text PRIMARY KEY, count bigint NOT NULL, cents bigint NOT NULL)`,
		n.Name("sales_product") + ` (sku text PRIMARY KEY, name text NOT NULL, count bigint NOT NULL, cents bigint NOT NULL)`,
		n.Name("sales_hour") + ` (hour text PRIMARY KEY, count bigint NOT NULL, cents bigint NOT NULL, refunded bigint NOT NULL)`,
		n.Name("sales_open") + ` (id text PRIMARY KEY, state text NOT NULL)`,
	} {
		if _, err := tx.ExecContext(ctx, `CREATE TABLE `+table); err != nil {
			return err
		}
	}
	return nil
}

func applyToSales(ctx context.Context, tx *sql.Tx, e Event, at *projection.Event) error {
	l := &ledger{ctx: ctx, tx: tx, at: at}
	if r, ok := e.(OrderRefunded); ok {
		l.hour(0, 0, r.Cents)
		return l.err
	}
	before := l.open()
	after := before.Evolve(e)
	if before.Status != Unplaced {
		l.status(before, -1)
	}
	l.status(after, 1)
	switch e := e.(type) {
	case OrderPlaced:
		l.hour(1, e.Cents, 0)
	case ProductAdded, ProductRemoved:
		l.hour(0, after.Cents-before.Cents, 0)
	case OrderAllocated:
		l.sold(after)
	}
	l.keep(after)
	return l.err
}

// A ledger books what an event does to the sums, until the first error.
type ledger struct {
	ctx context.Context
	tx  *sql.Tx
	at  *projection.Event
	err error
}

func (l *ledger) exec(query string, args ...any) {
	if l.err == nil {
		_, l.err = l.tx.ExecContext(l.ctx, query, args...)
	}
}

func (l *ledger) open() State {
	state, text := Nothing(), ""
	err := l.tx.QueryRowContext(l.ctx, `SELECT state FROM `+l.at.Name("sales_open")+` WHERE id = $1`, idOf(l.at.Stream)).Scan(&text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &state)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		l.err = err
	}
	return state
}

func (l *ledger) keep(s State) {
	if s.Ended() {
		l.exec(`DELETE FROM `+l.at.Name("sales_open")+` WHERE id = $1`, idOf(l.at.Stream))
		return
	}
	b, err := json.Marshal(s)
	if l.err == nil {
		l.err = err
	}
	l.exec(`INSERT INTO `+l.at.Name("sales_open")+` (id, state) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET state = excluded.state`,
		idOf(l.at.Stream), string(b))
}

func (l *ledger) status(s State, n int64) {
	l.exec(`INSERT INTO `+l.at.Name("sales_status")+` AS t (status, count, cents) VALUES ($1, $2, $3)
		ON CONFLICT (status) DO UPDATE SET count = t.count + excluded.count, cents = t.cents + excluded.cents`, string(s.Status), n, n*s.Cents)
}

func (l *ledger) hour(n, cents, refunded int64) {
	l.exec(`INSERT INTO `+l.at.Name("sales_hour")+` AS t (hour, count, cents, refunded) VALUES ($1, $2, $3, $4)
		ON CONFLICT (hour) DO UPDATE SET count = t.count + excluded.count, cents = t.cents + excluded.cents, refunded = t.refunded + excluded.refunded`,
		l.at.Time.UTC().Format("2006-01-02 15:00"), n, cents, refunded)
}

func (l *ledger) sold(s State) {
	for _, line := range s.Lines {
		l.exec(`INSERT INTO `+l.at.Name("sales_product")+` AS t (sku, name, count, cents) VALUES ($1, $2, $3, $4)
			ON CONFLICT (sku) DO UPDATE SET name = excluded.name, count = t.count + excluded.count, cents = t.cents + excluded.cents`,
			line.SKU, line.Name, line.Quantity, int64(line.Quantity)*line.Cents)
	}
}
