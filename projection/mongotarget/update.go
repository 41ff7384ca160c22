package mongotarget

import (
	"context"

	"github.com/cairndb/cairn/projection"
)

// Update implements [projection.Target]. With transactions fn may be run more than
// once.
func (t *Target) Update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx *Tx) error) error {
	if t.o.Transactions {
		return ended(ctx, t.transact(ctx, func(ctx context.Context) error {
			if err := t.lock(ctx, c); err != nil {
				return err
			}
			return t.run(ctx, fn)
		}))
	}
	return ended(ctx, t.updateByPosition(ctx, c, fn))
}

// updateByPosition looks, writes the documents, and makes the change if entries
// still stand. If they do not, the documents are there nevertheless: they are the
// same that whoever has changed the entries writes.
func (t *Target) updateByPosition(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx *Tx) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if _, err := t.stands(ctx, c); err != nil {
		return err
	}
	if err := t.run(ctx, fn); err != nil {
		return err
	}
	return t.change(ctx, c, nil)
}

// run runs fn and sends what it has collected.
func (t *Target) run(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	tx := &Tx{db: t.db, transactions: t.o.Transactions}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	return tx.Flush(ctx)
}
