package memtarget

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

// Publish implements [projection.Publisher]. The change is made in the same step.
func (t *Target) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	return t.change(ctx, c, func() error {
		for _, name := range tables {
			t.shown[name] = to.Name(name)
		}
		return nil
	})
}

// Discard implements [projection.Publisher]. The change is made in the same step.
func (t *Target) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	return t.change(ctx, c, func() error {
		for _, name := range tables {
			if t.shown[name] == of.Name(name) {
				return fmt.Errorf("memtarget: table %q is what readers see as %q; publish another build first", of.Name(name), name)
			}
		}
		for _, name := range tables {
			delete(t.tables, of.Name(name))
		}
		return nil
	})
}
