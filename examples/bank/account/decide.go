package account

import (
	"strings"
	"unicode/utf8"
)

// A Decision says which events follow from a state, or why none may. It is pure:
// it may be asked again when somebody else was first.
type Decision = func(State) ([]Event, error)

// MaxName is how many bytes the name of an account may have.
const MaxName = 100

// Open opens an account under a name.
func Open(name string) Decision {
	return func(s State) ([]Event, error) {
		switch {
		case name != strings.TrimSpace(name) || name == "" || len(name) > MaxName || !utf8.ValidString(name):
			return nil, ErrName
		case s.Status != Missing:
			return nil, ErrExists
		}
		return []Event{Opened{Name: name}}, nil
	}
}

// Deposit pays cash in.
func Deposit(amount Money) Decision {
	return func(s State) ([]Event, error) {
		if err := s.canAdd(amount); err != nil {
			return nil, err
		}
		return []Event{Deposited{Amount: amount}}, nil
	}
}

// Withdraw pays cash out. An account is never overdrawn.
func Withdraw(amount Money) Decision {
	return func(s State) ([]Event, error) {
		if err := s.canTake(amount); err != nil {
			return nil, err
		}
		return []Event{Withdrawn{Amount: amount}}, nil
	}
}

// Send is the paying leg of a transfer.
func Send(transfer string, to Number, amount Money) Decision {
	return func(s State) ([]Event, error) {
		if err := s.canTake(amount); err != nil {
			return nil, err
		}
		return []Event{TransferSent{Transfer: transfer, To: to, Amount: amount}}, nil
	}
}

// Receive is the paid leg of a transfer.
func Receive(transfer string, from Number, amount Money) Decision {
	return func(s State) ([]Event, error) {
		if err := s.canAdd(amount); err != nil {
			return nil, err
		}
		return []Event{TransferReceived{Transfer: transfer, From: from, Amount: amount}}, nil
	}
}

// Close closes an account, which must be empty.
func Close() Decision {
	return func(s State) ([]Event, error) {
		switch {
		case s.Status != Live:
			return nil, s.notLive()
		case s.Balance != 0:
			return nil, &NotEmptyError{Balance: s.Balance}
		}
		return []Event{Closed{Name: s.Name}}, nil
	}
}

func (s State) canAdd(amount Money) error {
	switch {
	case s.Status != Live:
		return s.notLive()
	case amount <= 0 || amount > MaxMoney:
		return ErrAmount
	case s.Balance+amount > MaxMoney:
		return ErrFull
	}
	return nil
}

func (s State) canTake(amount Money) error {
	switch {
	case s.Status != Live:
		return s.notLive()
	case amount <= 0 || amount > MaxMoney:
		return ErrAmount
	case s.Balance < amount:
		return &InsufficientError{Balance: s.Balance, Asked: amount}
	}
	return nil
}

func (s State) notLive() error {
	if s.Status == Missing {
		return ErrMissing
	}
	return ErrClosed
}
