package declared

import (
	"maps"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// A Definition is a projection as its file declares it. It does not change, and
// may be used by several goroutines.
type Definition struct {
	Name     string
	Version  int
	Lanes    int
	Failures projection.Failures
	Tables   []Table

	key   *expression // nil is the stream
	rules []rule
}

// A Table is a table that a projection writes.
type Table struct {
	Name    string
	Columns []Column
	Key     []string // the columns of its primary key
}

// A Column is a column of a table.
type Column struct {
	Name string
	Type string // text, integer, number, boolean, time or json
}

// column finds a column.
func (t *Table) column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Types are those of the events that the rules name, sorted.
func (d *Definition) Types() []string {
	types := map[string]bool{}
	for _, r := range d.rules {
		for _, t := range r.events {
			types[t] = true
		}
	}
	return slices.Sorted(maps.Keys(types))
}

// tables are the names of the tables.
func (d *Definition) tables() []string {
	names := make([]string, len(d.Tables))
	for i, t := range d.Tables {
		names[i] = t.Name
	}
	return names
}
