package searchtarget

import (
	"context"
	"strings"

	"github.com/cairndb/cairn/projection"
)

var _ projection.Withdrawer = (*Target)(nil)

// Withdraw removes the aliases that stand for the plain names of tables, all in one
// step, and then makes the change. The indices stay, those with a plain name of their
// own included.
func (t *Target) Withdraw(ctx context.Context, c projection.Change, tables []string) error {
	return t.intend(ctx, c, func() (*intent, error) {
		in := &intent{Put: c.Put}
		for _, table := range tables {
			a, err := t.none(ctx, table)
			if err != nil {
				return nil, err
			}
			if a != nil {
				in.Aliases = append(in.Aliases, *a)
			}
		}
		return in, nil
	})
}

// none is how a table's alias must move to stand for nothing, or nil if it does. It
// then moves to its own name, as where an index has the plain name itself.
func (t *Target) none(ctx context.Context, table string) (*alias, error) {
	name := t.Index(table)
	if name == "_all" || strings.ContainsAny(name, `*,<>?"|\/#% `) {
		return nil, nil // no alias is called so; the server would take it for a pattern
	}
	now, err := t.holders(ctx, name)
	if err != nil || len(now) == 0 {
		return nil, err
	}
	return &alias{Name: name, From: now, To: name}, nil
}
