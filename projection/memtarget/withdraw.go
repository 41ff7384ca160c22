package memtarget

import (
	"context"

	"github.com/cairndb/cairn/projection"
)

var _ projection.Withdrawer = (*Target)(nil)

// Withdraw implements [projection.Withdrawer]. The change is made in the same step.
func (t *Target) Withdraw(ctx context.Context, c projection.Change, tables []string) error {
	return t.change(ctx, c, func() error {
		for _, name := range tables {
			delete(t.shown, name)
		}
		return nil
	})
}
