package declared

import (
	"maps"
	"slices"
	"strings"

	"github.com/cairndb/cairn/projection"
)

// A shape is what rows that go into one statement have in common.
type shape struct {
	table    *Table
	set, add []string // the columns, sorted
	fresh    bool
}

// Bounds of one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535, and
// a statement of a thousand rows is about as fast as it gets.
const (
	maxRows       = 1000
	maxParameters = 30_000
)

// rows is how many rows go into one statement.
func (s *shape) rows() int { return max(1, min(maxRows, maxParameters/len(s.columns()))) }

func (s *shape) columns() []string { return slices.Concat(s.table.Key, s.set, s.add) }

// byShape yields the rows of each shape, in the order of their keys.
func byShape(r *rows) func(func(*shape, []*row) bool) {
	shapes, lists := map[string]*shape{}, map[string][]*row{}
	var order []string
	for _, w := range r.sorted() {
		s := &shape{r.table, slices.Sorted(maps.Keys(w.values)), slices.Sorted(maps.Keys(w.sums)), w.fresh}
		id := strings.Join(s.set, ",") + ";" + strings.Join(s.add, ",")
		if s.fresh {
			id += ";fresh"
		}
		if shapes[id] == nil {
			shapes[id], order = s, append(order, id)
		}
		lists[id] = append(lists[id], w)
	}
	return func(yield func(*shape, []*row) bool) {
		for _, id := range order {
			if !yield(shapes[id], lists[id]) {
				return
			}
		}
	}
}

// upsert is the statement that writes n rows of a shape.
func (d *Dialect) upsert(s *shape, names projection.Names, n int) string {
	table, columns := d.id(names.Name(s.table.Name)), s.columns()
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (" + d.ids(columns) + ") VALUES ")
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		d.tuple(&b, i*len(columns), len(columns))
	}
	if !s.fresh {
		b.WriteString(d.conflict(s, table))
	}
	return b.String()
}

// tuple writes the parameters of one row.
func (d *Dialect) tuple(b *strings.Builder, after, n int) {
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(d.parameter(after + i + 1))
	}
	b.WriteByte(')')
}

// conflict is what happens to a row that is there.
func (d *Dialect) conflict(s *shape, table string) string {
	var changes []string
	for _, c := range s.set {
		changes = append(changes, d.id(c)+" = "+d.proposed(c))
	}
	for _, c := range s.add {
		changes = append(changes, d.id(c)+" = coalesce("+table+"."+d.id(c)+", 0) + coalesce("+d.proposed(c)+", 0)")
	}
	switch {
	case d.duplicate && len(changes) == 0:
		key := d.id(s.table.Key[0])
		return " ON DUPLICATE KEY UPDATE " + key + " = " + key
	case d.duplicate:
		return " ON DUPLICATE KEY UPDATE " + strings.Join(changes, ", ")
	case len(changes) == 0:
		return " ON CONFLICT (" + d.ids(s.table.Key) + ") DO NOTHING"
	}
	return " ON CONFLICT (" + d.ids(s.table.Key) + ") DO UPDATE SET " + strings.Join(changes, ", ")
}

// proposed is a column of the row that was to be inserted.
func (d *Dialect) proposed(column string) string {
	if d.duplicate {
		return "VALUES(" + d.id(column) + ")"
	}
	return "excluded." + d.id(column)
}
