package declared

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cairndb/cairn/projection"
)

// A writer folds the changes of one transaction, and writes them.
type writer struct {
	tx      *sql.Tx
	dialect *Dialect
	names   projection.Names
	pending []*rows // in the order in which tables were first changed
}

// rows are the changes of a table.
func (w *writer) rows(t *Table) *rows {
	for _, r := range w.pending {
		if r.table == t {
			return r
		}
	}
	r := &rows{table: t, of: map[string]*row{}}
	w.pending = append(w.pending, r)
	return r
}

// flush writes all changes.
func (w *writer) flush(ctx context.Context) error {
	for _, r := range w.pending {
		if err := w.write(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// write writes the changes of a table, many rows a statement.
func (w *writer) write(ctx context.Context, r *rows) error {
	for shape, list := range byShape(r) {
		for most := shape.rows(); len(list) > 0; {
			n := min(most, len(list))
			if err := w.exec(ctx, w.dialect.upsert(shape, w.names, n), w.arguments(shape, list[:n])); err != nil {
				return err
			}
			list = list[n:]
		}
	}
	clear(r.of)
	return nil
}

// remove deletes the rows that agree in some columns of the key, after what was
// folded before.
func (w *writer) remove(ctx context.Context, t *Table, columns []assignment, key []any) error {
	if err := w.write(ctx, w.rows(t)); err != nil {
		return err
	}
	var where []string
	for i, a := range columns {
		where = append(where, w.dialect.id(a.column.Name)+" = "+w.dialect.parameter(i+1))
	}
	text := "DELETE FROM " + w.dialect.id(w.names.Name(t.Name)) + " WHERE " + strings.Join(where, " AND ")
	return w.exec(ctx, text, w.parameters(nil, key))
}

// arguments are the parameters of a statement for some rows.
func (w *writer) arguments(s *shape, list []*row) []any {
	var all []any
	for _, r := range list {
		all = w.parameters(all, r.key)
		for _, c := range s.set {
			all = w.parameters(all, []any{r.values[c]})
		}
		for _, c := range s.add {
			all = w.parameters(all, []any{r.sums[c]})
		}
	}
	return all
}

func (w *writer) parameters(all, values []any) []any {
	for _, v := range values {
		if t, ok := v.(time.Time); ok {
			v = w.dialect.time(t)
		}
		all = append(all, v)
	}
	return all
}

// A statementError is a statement that failed. Which of its events is to blame is
// not known.
type statementError struct {
	text string
	err  error
}

func (e *statementError) Error() string { return fmt.Sprintf("%s: %v", e.text, e.err) }
func (e *statementError) Unwrap() error { return e.err }

func asStatement(err error, into **statementError) bool { return errors.As(err, into) }

func (w *writer) exec(ctx context.Context, text string, arguments []any) error {
	if _, err := w.tx.ExecContext(ctx, text, arguments...); err != nil {
		verb, _, _ := strings.Cut(text, "(")
		return &statementError{strings.TrimSpace(verb), err}
	}
	return nil
}
