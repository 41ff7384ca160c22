package account

import (
	"errors"
	"fmt"
)

// Why the bank refuses.
var (
	ErrName         = fmt.Errorf("a name has 1 to %d bytes and no space around it", MaxName)
	ErrAmount       = fmt.Errorf("an amount is more than zero and at most %v", MaxMoney)
	ErrExists       = errors.New("the account was opened before")
	ErrMissing      = errors.New("there is no such account")
	ErrClosed       = errors.New("the account is closed")
	ErrFull         = fmt.Errorf("an account holds at most %v", MaxMoney)
	ErrInsufficient = errors.New("insufficient funds")
	ErrNotEmpty     = errors.New("the account is not empty")
)

// An InsufficientError says how much was asked for and how much there is.
type InsufficientError struct{ Balance, Asked Money }

// Error says both.
func (e *InsufficientError) Error() string {
	return fmt.Sprintf("insufficient funds: %v asked for, %v there", e.Asked, e.Balance)
}

// Is matches [ErrInsufficient].
func (e *InsufficientError) Is(target error) bool { return target == ErrInsufficient }

// A NotEmptyError says how much money keeps an account from being closed.
type NotEmptyError struct{ Balance Money }

// Error says how much.
func (e *NotEmptyError) Error() string {
	return fmt.Sprintf("the account is not empty: withdraw %v first", e.Balance)
}

// Is matches [ErrNotEmpty].
func (e *NotEmptyError) Is(target error) bool { return target == ErrNotEmpty }
