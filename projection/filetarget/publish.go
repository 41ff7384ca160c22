package filetarget

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

// Publish implements [projection.Publisher]. What readers see and the entries change
// in one step. All rows that wait become visible with it.
func (t *Target) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	return t.turnOver(ctx, c, func(_ *state, next *Manifest) error {
		for _, name := range tables {
			if err := checkTable(to.Name(name)); err != nil {
				return err
			}
			next.Published[name] = to.Build
		}
		return nil
	})
}

// Discard implements [projection.Publisher]. The change is made in the same step.
// Files are removed after [Options.Keep].
func (t *Target) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	return t.turnOver(ctx, c, func(s *state, next *Manifest) error {
		for _, name := range tables {
			if build, ok := next.Published[name]; ok && build == of.Build {
				return fmt.Errorf("filetarget: table %q is what readers see as %q; publish another build first", of.Name(name), name)
			}
		}
		for _, name := range tables {
			name = of.Name(name)
			next.retire(next.Tables[name].Parts)
			delete(next.Tables, name)
			delete(s.columns, name)
			delete(s.waiting, name)
		}
		return nil
	})
}

// Withdraw implements [projection.Withdrawer]. The change is made in the same step.
func (t *Target) Withdraw(ctx context.Context, c projection.Change, tables []string) error {
	return t.turnOver(ctx, c, func(_ *state, next *Manifest) error {
		for _, name := range tables {
			delete(next.Published, name)
		}
		return nil
	})
}

// turnOver makes a change by replacing the manifest.
func (t *Target) turnOver(ctx context.Context, c projection.Change, edit func(*state, *Manifest) error) error {
	s, done, err := t.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := s.stands(c.Expect); err != nil {
		return err
	}
	next := s.manifest.successor()
	if err := edit(s, next); err != nil {
		return err
	}
	if err := s.apply(&record{Put: putOf(c)}); err != nil {
		return err
	}
	return t.replace(next)
}
