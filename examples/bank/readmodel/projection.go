package readmodel

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/projection"
)

// Name is what the projection is called.
const Name = "books"

// Books is the projection. Raise Version whenever what it writes changes: the next
// start builds the new tables beside the ones in use.
func Books() projection.Projection[*sql.Tx] {
	return projection.Projection[*sql.Tx]{
		Name:     Name,
		Version:  1,
		Query:    cairn.ByCategory(account.Category),
		Tables:   []string{"balance", "statement"},
		Setup:    setup,
		Handler:  projection.On(account.Events, apply),
		Failures: projection.ParkOnFailure,
		Lineage:  func(e *cairn.Recorded) []string { return []string{"balance/" + numberOf(e)} },
	}
}

func setup(ctx context.Context, tx *sql.Tx, n projection.Names) error {
	for _, table := range []string{
		n.Name("balance") + ` (account text PRIMARY KEY, name text NOT NULL, status text NOT NULL, cents bigint NOT NULL)`,
		n.Name("statement") + ` (account text, revision bigint, at text NOT NULL, type text NOT NULL, cents bigint NOT NULL,
			balance bigint NOT NULL, other text NOT NULL, PRIMARY KEY (account, revision))`,
	} {
		if _, err := tx.ExecContext(ctx, `CREATE TABLE `+table); err != nil {
			return err
		}
	}
	return nil
}

// A change is what an event does to the books.
type change struct {
	cents  account.Money
	status string
	other  string // the account at the other end
}

func apply(ctx context.Context, tx *sql.Tx, e account.Event, at *projection.Event) error {
	if o, ok := e.(account.Opened); ok {
		_, err := tx.ExecContext(ctx, `INSERT INTO `+at.Name("balance")+` (account, name, status, cents) VALUES ($1, $2, 'open', 0)`, numberOf(&at.Recorded), o.Name)
		if err != nil {
			return err
		}
	}
	c := changeOf(e)
	if err := move(ctx, tx, at, c); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO `+at.Name("statement")+` (account, revision, at, type, cents, balance, other)
		SELECT account, $1, $2, $3, $4, cents, $5 FROM `+at.Name("balance")+` WHERE account = $6`,
		int64(at.Revision), at.Time.UTC().Format("2006-01-02T15:04:05.000000Z"), at.Type, int64(c.cents), c.other, numberOf(&at.Recorded))
	return err
}

// move changes the account's row, which must be there.
func move(ctx context.Context, tx *sql.Tx, at *projection.Event, c change) error {
	r, err := tx.ExecContext(ctx, `UPDATE `+at.Name("balance")+` SET cents = cents + $1, status = $2 WHERE account = $3`,
		int64(c.cents), c.status, numberOf(&at.Recorded))
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("account %s was never opened: %w", numberOf(&at.Recorded), err)
	}
	return nil
}

func changeOf(e account.Event) change {
	switch e := e.(type) {
	case account.Deposited:
		return change{e.Amount, "open", ""}
	case account.Withdrawn:
		return change{-e.Amount, "open", ""}
	case account.TransferSent:
		return change{-e.Amount, "open", string(e.To)}
	case account.TransferReceived:
		return change{e.Amount, "open", string(e.From)}
	case account.Closed:
		return change{0, "closed", ""}
	}
	return change{0, "open", ""}
}

// numberOf is the number of the event's account, or the stream's name where it is
// somebody else's in a category of the same name.
func numberOf(e *cairn.Recorded) string {
	if n, ok := account.NumberOfStream(e.Stream); ok {
		return string(n)
	}
	return e.Stream
}
