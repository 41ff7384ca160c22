package declared

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A row is what one transaction does to a row, folded.
type row struct {
	key    []any
	values map[string]any // what columns become
	sums   map[string]any // what is added to others: int64 or float64
	fresh  bool           // it was inserted, and must not have been there
}

// rows are the changes to one table that are not written yet, by key. Written in
// the order of their keys, so that two transactions that change the same rows do
// not wait for each other in a circle.
type rows struct {
	table *Table
	of    map[string]*row
}

var errThere = errors.New("a row of this key was inserted before")

// at finds the row of a key.
func (r *rows) at(key []any) *row {
	id := identity(key)
	w := r.of[id]
	if w == nil {
		w = &row{key: key, values: map[string]any{}, sums: map[string]any{}}
		r.of[id] = w
	}
	return w
}

// insert folds a new row.
func (r *rows) insert(key []any, values map[string]any) error {
	if r.of[identity(key)] != nil {
		return fmt.Errorf("table %s: %w", r.table.Name, errThere)
	}
	w := r.at(key)
	w.fresh, w.values = true, values
	return nil
}

// set folds what a column becomes.
func (w *row) set(column string, v any) {
	delete(w.sums, column)
	w.values[column] = v
}

// add folds what is added to a column. Nothing is added by null.
func (w *row) add(c Column, v any) error {
	if v == nil {
		return nil
	}
	into := w.sums
	if _, known := w.values[c.Name]; known || w.fresh {
		into = w.values
	}
	sum, err := plus(c, into[c.Name], v)
	into[c.Name] = sum
	return err
}

// plus adds two numbers of a column. A null counts as zero.
func plus(c Column, a, b any) (any, error) {
	if a == nil {
		return b, nil
	}
	if x, ok := a.(float64); ok {
		return x + b.(float64), nil
	}
	x, y := a.(int64), b.(int64)
	if sum := x + y; (sum > x) == (y > 0) {
		return sum, nil
	}
	return nil, &typeError{c, fmt.Sprintf("%d + %d", x, y), "; the sum does not fit in 64 bits"}
}

// sorted are the rows in the order of their keys.
func (r *rows) sorted() []*row {
	list := make([]*row, 0, len(r.of))
	for _, id := range slices.Sorted(maps.Keys(r.of)) {
		list = append(list, r.of[id])
	}
	return list
}

// identity is a key as a text: different for different keys.
func identity(key []any) string {
	var b strings.Builder
	for _, v := range key {
		if t, ok := v.(time.Time); ok {
			v = t.UnixMicro()
		}
		s := fmt.Sprint(v)
		fmt.Fprintf(&b, "%d:%s", len(s), s)
	}
	return b.String()
}
