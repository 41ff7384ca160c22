package order

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

const listName = "orders"

// list is the read model of the list of orders and of an order's details: a row
// for each, with what the fold makes of its events. Raise Version whenever what it
// writes changes: the next start builds the new table beside the one in use.
func list() projection.Projection[*sql.Tx] {
	return projection.Projection[*sql.Tx]{
		Name:     listName,
		Version:  1,
		Query:    cairn.ByCategory(Category),
		Tables:   []string{"order_list"},
		Setup:    setupList,
		Handler:  projection.On(Events, applyToList),
		Failures: projection.ParkOnFailure,
		Lineage:  func(e *cairn.Recorded) []string { return []string{"order_list/" + idOf(e.Stream)} },
	}
}

func setupList(ctx context.Context, tx *sql.Tx, n projection.Names) error {
	table := n.Name("order_list")
	_, err := tx.ExecContext(ctx, `CREATE TABLE `+table+` (id text PRIMARY KEY, customer text NOT NULL, status text NOT NULL,
		cents bigint NOT NULL, revision bigint NOT NULL, placed text NOT NULL, state text NOT NULL)`)
	if err == nil {
		_, err = tx.ExecContext(ctx, `CREATE INDEX `+table+`_customer ON `+table+` (customer, placed)`)
	}
	return err
}

// applyToList folds one more event into the row of its order.
func applyToList(ctx context.Context, tx *sql.Tx, e Event, at *projection.Event) error {
	id, state, text, table := idOf(at.Stream), Nothing(), "", at.Name("order_list")
	err := tx.QueryRowContext(ctx, `SELECT state FROM `+table+` WHERE id = $1`, id).Scan(&text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &state)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	state = state.Evolve(e)
	b, err := json.Marshal(state)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO `+table+` (id, customer, status, cents, revision, placed, state) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET status = excluded.status, cents = excluded.cents, revision = excluded.revision, state = excluded.state`,
		id, state.Customer, string(state.Status), state.Cents, int64(at.Revision), at.Time.UTC().Format(timeFormat), string(b))
	return err
}

// timeFormat sorts as text.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// A Listed is a row of the read model.
type Listed struct {
	Order
	At time.Time `json:"at"` // when it was placed
}

func (s *Service) detail(ctx context.Context, id string) (Listed, error) {
	l, err := scan(s.o.DB.QueryRowContext(ctx, `SELECT id, state, revision, placed FROM order_list WHERE id = $1`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = errMissing
	}
	return l, err
}

func scan(read func(...any) error) (l Listed, err error) {
	var state, placed string
	if err = read(&l.ID, &state, &l.Revision, &placed); err != nil {
		return l, err
	}
	if err = json.Unmarshal([]byte(state), &l.State); err == nil {
		l.At, err = time.Parse(timeFormat, placed)
	}
	return l, err
}
