package redistarget

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

// Update runs fn, then runs the commands that it has queued, and makes the change,
// in one step. The entries are looked at before fn and once more in that step.
func (t *Target) Update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx *Tx) error) error {
	if err := t.look(ctx, c.Expect); err != nil {
		return err
	}
	tx := t.newTx()
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	commands, err := tx.commands()
	if err != nil {
		return err
	}
	return t.change(ctx, c, commands)
}

// look finds out early that entries do not stand as they should, or that there is no
// Redis, to save the work.
func (t *Target) look(ctx context.Context, expect []projection.Entry) error {
	keys := make([]string, len(expect), len(expect)+1)
	for i, e := range expect {
		keys[i] = e.Key
	}
	if len(keys) == 0 {
		keys = append(keys, "none")
	}
	values, err := t.client.HMGet(ctx, t.ledger()[0], keys...).Result()
	if err != nil {
		return because(ctx, "read the entries", err)
	}
	for i, e := range expect {
		if stands, _ := values[i].(string); stands != e.Value {
			return moved(e.Key)
		}
	}
	return nil
}

func moved(key string) error {
	return fmt.Errorf("redistarget: entry %q: %w", key, projection.ErrMoved)
}
