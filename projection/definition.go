package projection

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

const (
	maxLanes  = 64
	maxTables = 256
)

// completed is a projection with what zero values stand for.
func (p Projection[Tx]) completed() Projection[Tx] {
	if p.Version == 0 {
		p.Version = 1
	}
	if p.Lanes == 0 {
		p.Lanes = 1
	}
	return p
}

func (p *Projection[Tx]) check() error {
	if err := checkName("name", p.Name); err != nil {
		return err
	}
	switch {
	case p.Version < 0:
		return &cairn.InvalidError{Field: "version", Problem: "must not be negative"}
	case p.Lanes < 0 || p.Lanes > maxLanes:
		return &cairn.InvalidError{Field: "lanes", Problem: "must be between 1 and 64", Limit: maxLanes}
	case p.Handler.Apply == nil:
		return &cairn.InvalidError{Field: "handler", Problem: "must not be nil: On, OnBatch and OnEvent make one"}
	case p.Failures > SkipOnFailure:
		return &cairn.InvalidError{Field: "failures", Problem: fmt.Sprintf("there is no way %d to deal with them", p.Failures)}
	case len(p.Tables) > maxTables:
		return &cairn.InvalidError{Field: "tables", Problem: "are too many", Limit: maxTables}
	}
	return checkTables(p.Tables)
}

// checkTables refuses names that cannot be told apart, in any build.
func checkTables(tables []string) error {
	for i, table := range tables {
		wrong := ""
		if table == "" || slices.Contains(tables[:i], table) {
			wrong = "is empty or given twice"
		}
		if i := strings.LastIndex(table, "_b"); i >= 0 {
			if n, ok := BuildOf(table[:i], table); ok {
				wrong = fmt.Sprintf("is what %q is called in build %d", table[:i], n.Build)
			}
		}
		if wrong != "" {
			return &cairn.InvalidError{Field: fmt.Sprintf("tables[%d]", i), Problem: fmt.Sprintf("%q %s", table, wrong)}
		}
	}
	return nil
}

// selected is the query of the projection and the types of its handler together.
func (p *Projection[Tx]) selected() (cairn.Query, error) {
	types := slices.Clone(p.Handler.Types)
	slices.Sort(types)
	types = slices.Compact(types)
	q := slices.Clone(p.Query)
	if err := q.Validate(); err != nil || len(types) == 0 {
		return q, err
	}
	if q == nil {
		q = cairn.Query{{}}
	}
	for i := range q {
		q[i].Types = common(q[i].Types, types)
	}
	q = slices.DeleteFunc(q, func(f cairn.Filter) bool { return len(f.Types) == 0 })
	if len(q) == 0 {
		return nil, &cairn.InvalidError{Field: "query", Problem: "none of its types is one that the handler applies, which are " + strings.Join(types, ", ")}
	}
	return q, q.Validate()
}

// common are the types that are among both; nil stands for all.
func common(some, types []string) []string {
	if some == nil {
		return types
	}
	return slices.DeleteFunc(slices.Clone(types), func(name string) bool { return !slices.Contains(some, name) })
}

// selection is how a build's events are read. A handler that names no types is not
// for the system's.
func selection(q cairn.Query) cairn.AllOptions {
	return cairn.AllOptions{Query: q, NoSystem: !typed(q)}
}

// keyOf is the key of an event. A panic of the projection's Key is an error.
func (r *runner[Tx]) keyOf(e *cairn.Recorded) (string, error) { return keyOf(r.p.Key, e) }

func keyOf(key func(*cairn.Recorded) string, e *cairn.Recorded) (own string, err error) {
	if key == nil {
		return e.Stream, nil
	}
	err = safely(func() error { own = key(e); return nil })
	return own, err
}

// setUp makes the tables of a build. A panic of Setup is an error.
func (p *Projection[Tx]) setUp(ctx context.Context, tx Tx, n Names) error {
	if p.Setup == nil {
		return nil
	}
	if err := safely(func() error { return p.Setup(ctx, tx, n) }); err != nil {
		return fmt.Errorf("projection %q: Setup: %w", p.Name, err)
	}
	return nil
}

// laneOf is the lane of an event. An event without a key fails, and nobody knows
// what would have to be parked with it: that ends the runner.
func (r *runner[Tx]) laneOf(e *cairn.Recorded, lanes int) (int, error) {
	if lanes == 1 {
		return 0, nil
	}
	key, err := r.keyOf(e)
	if err != nil {
		return 0, r.failure(e, 1, err)
	}
	return laneOf(key, lanes), nil
}

func (r *runner[Tx]) failure(e *cairn.Recorded, attempts int, err error) *FailureError {
	return &FailureError{Projection: r.p.Name, Version: r.p.Version, Attempts: attempts, Event: *e, Err: err}
}
