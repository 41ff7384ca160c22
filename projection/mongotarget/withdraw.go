package mongotarget

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cairndb/cairn/projection"
)

var _ projection.Withdrawer = (*Target)(nil)

// Withdraw implements [projection.Withdrawer]: [Collection] does not find the tables
// any more. What readers see and the entries change in one step.
func (t *Target) Withdraw(ctx context.Context, c projection.Change, tables []string) error {
	if t.o.Transactions {
		return ended(ctx, t.transact(ctx, func(ctx context.Context) error {
			if err := t.lock(ctx, c); err != nil {
				return err
			}
			h, err := t.read(ctx)
			if err != nil {
				return err
			}
			return t.show(ctx, h.without(tables))
		}))
	}
	return ended(ctx, t.withdraw(ctx, c, tables))
}

// withdraw replaces the head that entries stand at, as a change does.
func (t *Target) withdraw(ctx context.Context, c projection.Change, tables []string) error {
	done, err := t.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	for {
		h, err := t.stands(ctx, c)
		if err != nil {
			return err
		}
		if made, err := t.advance(ctx, h, c.Put, h.without(tables)); made || err != nil {
			return err
		}
	}
}

// without is what is to be set so that readers do not see some tables any more:
// nothing if they see none of them. It is all that is left, and not the names that
// go, so that a name is never taken for a path.
func (h *head) without(tables []string) bson.D {
	left := bson.D{}
	for name, build := range h.Tables {
		if !slices.Contains(tables, name) {
			left = append(left, bson.E{Key: name, Value: build})
		}
	}
	if len(left) == len(h.Tables) {
		return nil
	}
	return bson.D{{Key: "tables", Value: left}}
}
