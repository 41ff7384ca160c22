package bank

import (
	"context"
	"errors"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/examples/bank/account"
)

// A Transfer moves money from one account to another.
type Transfer struct {
	// ID identifies the transfer for ever: the same one is made once, however
	// often it is asked for. A zero ID is replaced by a new one.
	ID       cairn.ID
	From, To account.Number
	Amount   account.Money
}

// A Receipt says where a transfer is recorded.
type Receipt struct {
	ID       cairn.ID       `json:"id"`
	From     cairn.Revision `json:"from"`     // of the paying leg in its account
	To       cairn.Revision `json:"to"`       // of the paid leg in its account
	Position cairn.Position `json:"position"` // of the paid leg, which is the later one
	// Duplicate reports that the transfer had been made before.
	Duplicate bool `json:"duplicate,omitempty"`
}

var (
	// ErrSameAccount means that a transfer leads back to where it comes from.
	ErrSameAccount = errors.New("a transfer needs two accounts")
	// ErrReused means that a different transfer was made under the ID.
	ErrReused = errors.New("the transfer's ID was used for another transfer")
)

// Transfer makes a transfer. Both legs are one batch, so there is no moment at
// which the money is in neither account or in both, and both accounts must stand
// where the decision saw them. If one of them refuses, the error is a
// [*RefusedError].
//
// After an error that matches [cairn.ErrUnknownOutcome], or none at all because
// the process died, the same Transfer can be asked for again: if it was made, the
// answer is the first one.
func (b *Bank) Transfer(ctx context.Context, t Transfer) (Receipt, error) {
	if t.From == t.To {
		return Receipt{}, ErrSameAccount
	}
	if t.ID.IsZero() {
		t.ID = cairn.NewID()
	}
	id := t.ID.String()
	ctx = decider.WithCorrelation(ctx, id)
	both := []string{t.From.Stream(), t.To.Stream()}
	res, err := b.accounts.Once(account.TransferTag(id)).Together(ctx, both, t.decide)
	switch {
	case err != nil:
		return Receipt{}, err
	case res.Duplicate:
		return b.made(ctx, t)
	}
	return Receipt{ID: t.ID, From: res.Revisions[0], To: res.Revisions[1], Position: res.Position}, nil
}

// decide asks both accounts. The transfer is made if neither refuses.
func (t Transfer) decide(states []account.State) ([][]account.Event, error) {
	id := t.ID.String()
	sent, err := asked(t.From, account.Send(id, t.To, t.Amount))(states[0])
	if err != nil {
		return nil, err
	}
	received, err := asked(t.To, account.Receive(id, t.From, t.Amount))(states[1])
	if err != nil {
		return nil, err
	}
	return [][]account.Event{sent, received}, nil
}

// made answers with the transfer that is recorded under the ID, if it is this
// one.
func (b *Bank) made(ctx context.Context, t Transfer) (Receipt, error) {
	legs, err := cairn.Collect(b.store.ReadAll(ctx, cairn.AllOptions{
		Query: cairn.ByTag(account.TransferTag(t.ID.String())),
		Limit: 2,
	}))
	if err != nil {
		return Receipt{}, err
	}
	if len(legs) != 2 || legs[0].Stream != t.From.Stream() {
		return Receipt{}, ErrReused
	}
	sent, err := account.Events.Decode(legs[0])
	if err != nil {
		return Receipt{}, err
	}
	if sent != (account.TransferSent{Transfer: t.ID.String(), To: t.To, Amount: t.Amount}) {
		return Receipt{}, ErrReused
	}
	return Receipt{
		ID: t.ID, From: legs[0].Revision, To: legs[1].Revision,
		Position: legs[1].Position, Duplicate: true,
	}, nil
}
