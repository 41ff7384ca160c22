package declared

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxTable leaves room for the number of a build within the 63 bytes that
// PostgreSQL keeps of a name.
const maxTable = 48

// columnTypes are those of columns.
var columnTypes = map[string]bool{"text": true, "integer": true, "number": true, "boolean": true, "time": true, "json": true}

func (r *reader) tables(n *yaml.Node) []Table {
	var tables []Table
	for name, value := range r.pairs(n, "tables") {
		tables = append(tables, r.table(name, value))
	}
	if len(tables) == 0 && n.Kind == yaml.MappingNode {
		r.wrong(n, "tables must name at least one table")
	}
	return tables
}

func (r *reader) table(name, n *yaml.Node) Table {
	t := Table{Name: r.name(name, "a table's name", maxTable)}
	var key *yaml.Node
	r.members(n, "table "+name.Value, map[string]field{
		"columns": func(n *yaml.Node) { t.Columns = r.columns(n) },
		"key":     func(n *yaml.Node) { key = n },
	}, "columns", "key")
	if key != nil {
		t.Key = r.keyColumns(key, &t)
	}
	return t
}

func (r *reader) columns(n *yaml.Node) []Column {
	var columns []Column
	for name, value := range r.pairs(n, "columns") {
		c := Column{r.name(name, "a column's name", 63), r.text(value, "a column's type")}
		if c.Type != "" && !columnTypes[c.Type] {
			r.wrong(value, "column %s cannot be %q; expected one of %s", c.Name, c.Type, strings.Join(slices.Sorted(maps.Keys(columnTypes)), ", "))
		}
		columns = append(columns, c)
	}
	return columns
}

// keyColumns reads which columns are the primary key.
func (r *reader) keyColumns(n *yaml.Node, t *Table) []string {
	key := r.texts(n, "key")
	for i, name := range key {
		c, ok := t.column(name)
		switch {
		case !ok:
			r.wrong(n, "key names %q, which is no column of %s", name, t.Name)
		case c.Type == "json" || c.Type == "number":
			r.wrong(n, "column %s cannot be part of the key, as it is %s", name, c.Type)
		case slices.Contains(key[:i], name):
			r.wrong(n, "key names %q twice", name)
		}
	}
	return key
}
