package readmodel

import (
	"context"
	"iter"

	"github.com/cairndb/cairn/examples/bank/account"
)

// A Balance is a row of the balances.
type Balance struct {
	Account, Name, Status string
	Balance               account.Money
}

// Richest yields the accounts with the most money, at most limit of them.
func (d *Database) Richest(ctx context.Context, limit int) iter.Seq2[Balance, error] {
	return rows(ctx, d, func(scan func(...any) error) (b Balance, err error) {
		err = scan(&b.Account, &b.Name, &b.Status, &b.Balance)
		return b, err
	}, `SELECT account, name, status, cents FROM balance ORDER BY cents DESC, account LIMIT $1`, limit)
}

// Total is what the bank's customers have together, and how many accounts are open.
func (d *Database) Total(ctx context.Context) (sum account.Money, open int, err error) {
	err = d.QueryRowContext(ctx, `SELECT coalesce(sum(cents), 0), count(CASE WHEN status = 'open' THEN 1 END) FROM balance`).Scan(&sum, &open)
	return sum, open, err
}

// A Line is a row of a statement.
type Line struct {
	Revision        int64
	Time, Type      string
	Amount, Balance account.Money
	Other           string
}

// Statement yields the lines of an account, oldest first.
func (d *Database) Statement(ctx context.Context, number account.Number) iter.Seq2[Line, error] {
	return rows(ctx, d, func(scan func(...any) error) (l Line, err error) {
		err = scan(&l.Revision, &l.Time, &l.Type, &l.Amount, &l.Balance, &l.Other)
		return l, err
	}, `SELECT revision, at, type, cents, balance, other FROM statement WHERE account = $1 ORDER BY revision`, string(number))
}

// rows yields what a query gives.
func rows[R any](ctx context.Context, d *Database, read func(scan func(...any) error) (R, error), query string, args ...any) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		found, err := d.QueryContext(ctx, query, args...)
		if err != nil {
			yield(none, err)
			return
		}
		defer found.Close()
		for found.Next() {
			r, err := read(found.Scan)
			if !yield(r, err) || err != nil {
				return
			}
		}
		if err := found.Err(); err != nil {
			yield(none, err)
		}
	}
}
