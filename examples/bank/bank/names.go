package bank

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
)

// ErrNameTaken is matched by every [*NameTakenError].
var ErrNameTaken = errors.New("name is taken")

// A NameTakenError says which open account has the name.
type NameTakenError struct {
	Name   string
	Number account.Number // empty if the account was closed meanwhile
}

// Error names both.
func (e *NameTakenError) Error() string {
	if e.Number == "" {
		return fmt.Sprintf("name %q was taken just now", e.Name)
	}
	return fmt.Sprintf("name %q is taken by account %s", e.Name, e.Number)
}

// Is matches [ErrNameTaken].
func (e *NameTakenError) Is(target error) bool { return target == ErrNameTaken }

// aboutName selects the events that take a name and set it free.
func aboutName(name string) cairn.Query { return cairn.ByTag(account.NameTag(name)) }

var errTaken = errors.New("taken")

// openAs opens an account if the last event about the name has not taken it. The
// state is folded from these events only, so it is that of the name.
func openAs(name string) account.Decision {
	return func(s account.State) ([]account.Event, error) {
		if s.Status == account.Live {
			return nil, errTaken
		}
		return account.Open(name)(account.State{})
	}
}

func (b *Bank) nameTaken(ctx context.Context, name string) error {
	holder, err := b.Find(ctx, name)
	if err != nil && !errors.Is(err, account.ErrMissing) {
		return err
	}
	return &NameTakenError{Name: name, Number: holder}
}

// Find returns the number of the open account that has the name. It fails with
// [account.ErrMissing] if there is none.
func (b *Bank) Find(ctx context.Context, name string) (account.Number, error) {
	last := cairn.AllOptions{Query: aboutName(name), Backward: true, Limit: 1}
	for r, err := range b.store.ReadAll(ctx, last) {
		if err != nil {
			return "", fmt.Errorf("look up name %q: %w", name, err)
		}
		e, err := account.Events.Decode(r)
		if err != nil {
			return "", err
		}
		if number, ok := account.NumberOfStream(r.Stream); ok && e == (account.Opened{Name: name}) {
			return number, nil
		}
	}
	return "", fmt.Errorf("%w: nobody is called %q", account.ErrMissing, name)
}
