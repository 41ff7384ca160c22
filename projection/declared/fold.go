package declared

import (
	"context"
	"fmt"
	"slices"
)

// apply does to the rows what the rule says of an event.
func (u *rule) apply(ctx context.Context, w *writer, kind string, event map[string]any) error {
	if !slices.Contains(u.events, kind) {
		return nil
	}
	if ok, err := u.holds(event); err != nil || !ok {
		return err
	}
	key, err := evaluate(u.key, event, true)
	if err != nil {
		return err
	}
	switch u.action {
	case insert:
		return u.insert(w, key, event)
	case remove:
		return w.remove(ctx, u.table, u.key, key)
	}
	return u.upsert(w, key, event)
}

// holds reports whether the rule's condition is true.
func (u *rule) holds(event map[string]any) (bool, error) {
	if u.where == nil {
		return true, nil
	}
	v, err := u.where.eval(event)
	if err != nil {
		return false, err
	}
	ok, is := v.Value().(bool)
	if !is {
		return false, fmt.Errorf("where %s must be true or false, not %v", u.where.source, v.Value())
	}
	return ok, nil
}

func (u *rule) upsert(w *writer, key []any, event map[string]any) error {
	set, err := evaluate(u.set, event, false)
	if err != nil {
		return err
	}
	add, err := evaluate(u.add, event, false)
	if err != nil {
		return err
	}
	row := w.rows(u.table).at(key)
	for i, a := range u.set {
		row.set(a.column.Name, set[i])
	}
	for i, a := range u.add {
		if err := row.add(a.column, add[i]); err != nil {
			return err
		}
	}
	return nil
}

func (u *rule) insert(w *writer, key []any, event map[string]any) error {
	list, err := evaluate(u.set, event, false)
	if err != nil {
		return err
	}
	values := map[string]any{}
	for i, a := range u.set {
		values[a.column.Name] = list[i]
	}
	return w.rows(u.table).insert(key, values)
}

// evaluate computes the values of columns. Those of a key must not be null.
func evaluate(list []assignment, event map[string]any, key bool) ([]any, error) {
	values := make([]any, len(list))
	for i, a := range list {
		v, err := a.value.eval(event)
		if err != nil {
			return nil, err
		}
		if values[i], err = a.column.value(v); err != nil {
			return nil, err
		}
		if key && values[i] == nil {
			return nil, fmt.Errorf("column %s is part of the key and cannot be null", a.column.Name)
		}
	}
	return values, nil
}
