package bank

import (
	"fmt"

	"github.com/cairndb/cairn/examples/bank/account"
)

// A RefusedError says against which account's rules a request is. Nothing was
// recorded.
type RefusedError struct {
	Number account.Number
	Reason error // one of the errors of package account
}

// Error names the account and the reason.
func (e *RefusedError) Error() string { return fmt.Sprintf("account %s: %v", e.Number, e.Reason) }

// Unwrap returns the reason.
func (e *RefusedError) Unwrap() error { return e.Reason }

// asked is a decision whose refusals say which account was asked.
func asked(n account.Number, decide account.Decision) account.Decision {
	return func(s account.State) ([]account.Event, error) {
		events, err := decide(s)
		if err != nil {
			return nil, &RefusedError{Number: n, Reason: err}
		}
		return events, nil
	}
}

func missing(n account.Number) error { return &RefusedError{Number: n, Reason: account.ErrMissing} }
