package searchtarget

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// Publish makes an alias with each table's plain name stand for the index of a build,
// all in one step, and then makes the change. Readers use the plain name.
func (t *Target) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	return t.intend(ctx, c, func() (*intent, error) {
		in := &intent{Put: c.Put}
		for _, table := range tables {
			a, err := t.alias(ctx, table, to)
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

// alias is how a table's alias must move, or nil if it stands right.
func (t *Target) alias(ctx context.Context, table string, to projection.Names) (*alias, error) {
	a := alias{Name: t.Index(table), To: t.Index(to.Name(table))}
	now, err := t.holders(ctx, a.Name)
	if err != nil || slices.Equal(now, a.holders()) {
		return nil, err
	}
	// What the build was given last may not be found yet.
	if err := t.do(ctx, request{method: http.MethodPost, path: a.To + "/_refresh"}, nil); err != nil {
		return nil, err
	}
	a.From = slices.DeleteFunc(now, func(index string) bool { return index == a.To })
	return &a, nil
}

// holders are the indices that an alias stands for.
func (t *Target) holders(ctx context.Context, name string) ([]string, error) {
	var by map[string]any
	err := t.do(ctx, request{method: http.MethodGet, path: "_alias/" + name}, &by)
	if is(err, http.StatusNotFound) {
		return nil, nil
	}
	return slices.Sorted(maps.Keys(by)), err
}

// Discard deletes the indices of a build and then makes the change.
func (t *Target) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	return t.intend(ctx, c, func() (*intent, error) {
		in := &intent{Put: c.Put}
		for _, table := range tables {
			index := t.Index(of.Name(table))
			seen, err := t.holders(ctx, t.Index(table))
			if err != nil {
				return nil, err
			}
			if slices.Contains(seen, index) {
				return nil, fmt.Errorf("%w: %q", ErrPublished, index)
			}
			in.Remove = append(in.Remove, index)
		}
		return in, nil
	})
}

// intend writes an intent, if entries stand as expected, and completes it.
func (t *Target) intend(ctx context.Context, c projection.Change, plan func() (*intent, error)) error {
	for {
		l, err := t.settled(ctx)
		if err != nil {
			return err
		}
		if err := l.expect(c.Expect); err != nil {
			return err
		}
		if l.Intent, err = plan(); err != nil {
			return err
		}
		if err := t.write(ctx, l); is(err, http.StatusConflict) {
			continue
		} else if err != nil {
			return err
		}
		return t.carryOut(ctx, c)
	}
}

// carryOut completes the intent that was just written. If somebody else has done so,
// or has called it off, the entries tell which.
func (t *Target) carryOut(ctx context.Context, c projection.Change) error {
	l, err := t.read(ctx)
	if err != nil {
		return err
	}
	if l.Intent != nil {
		if refused, err := t.complete(ctx, l); err != nil || refused != nil {
			return cmp.Or(err, refused)
		}
		if l, err = t.settled(ctx); err != nil {
			return err
		}
	}
	return l.expect(c.Put)
}
