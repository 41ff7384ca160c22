package declared

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// Projection is the definition as a projection for a database of a dialect.
func (d *Definition) Projection(dialect *Dialect) projection.Projection[*sql.Tx] {
	p := projection.Projection[*sql.Tx]{
		Name: d.Name, Version: d.Version, Tables: d.tables(), Lanes: d.Lanes, Failures: d.Failures,
		Setup: func(ctx context.Context, tx *sql.Tx, n projection.Names) error { return d.create(ctx, tx, dialect, n) },
		Handler: projection.Handler[*sql.Tx]{Types: d.Types(), Apply: func(ctx context.Context, tx *sql.Tx, events []*projection.Event) error {
			return d.apply(ctx, &writer{tx: tx, dialect: dialect}, events)
		}},
	}
	if d.key != nil {
		p.Key = d.keyOf
	}
	return p
}

// keyOf is the key of an event. What has none that can be computed is ordered, and
// fails, by its stream.
func (d *Definition) keyOf(e *cairn.Recorded) string {
	vars, err := variables(e)
	if err != nil {
		return e.Stream
	}
	v, err := d.key.eval(vars)
	if err != nil {
		return e.Stream
	}
	return fmt.Sprint(v.Value())
}

// apply folds events, and writes what they amount to.
func (d *Definition) apply(ctx context.Context, w *writer, events []*projection.Event) error {
	if len(events) > 0 {
		w.names = events[0].Names
	}
	for _, e := range events {
		if err := d.applyOne(ctx, w, e); err != nil {
			return err
		}
	}
	return w.flush(ctx)
}

func (d *Definition) applyOne(ctx context.Context, w *writer, e *projection.Event) error {
	vars, err := variables(&e.Recorded)
	for i := 0; i < len(d.rules) && err == nil; i++ {
		err = d.rules[i].apply(ctx, w, e.Type, vars)
	}
	if statement := (*statementError)(nil); err != nil && !asStatement(err, &statement) {
		return &projection.EventError{Position: e.Position, Err: err}
	}
	return err
}
