package redistarget

import (
	"context"

	"github.com/cairndb/cairn/projection"
)

var _ projection.Withdrawer = (*Target)(nil)

// Withdraw makes the plain names of tables stand for nothing any more: [View.Name]
// returns them as they are from then on. Pointers and entries change in one step.
func (t *Target) Withdraw(ctx context.Context, c projection.Change, tables []string) error {
	commands := make([][]any, len(tables))
	for i, table := range tables {
		commands[i] = []any{"hdel", t.pointers(), table}
	}
	return t.change(ctx, c, commands)
}
