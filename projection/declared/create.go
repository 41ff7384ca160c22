package declared

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/cairndb/cairn/projection"
)

// create makes the tables of a build.
func (d *Definition) create(ctx context.Context, tx *sql.Tx, dialect *Dialect, n projection.Names) error {
	for i := range d.Tables {
		if _, err := tx.ExecContext(ctx, dialect.create(&d.Tables[i], n)); err != nil {
			return fmt.Errorf("table %s: %w", d.Tables[i].Name, err)
		}
	}
	return nil
}

// create is the statement that makes a table. Columns outside the key may be null:
// a row has the values that its events have given it.
func (d *Dialect) create(t *Table, n projection.Names) string {
	var columns []string
	for _, c := range t.Columns {
		kind, null := d.types[c.Type], ""
		if slices.Contains(t.Key, c.Name) {
			null = " NOT NULL"
			if c.Type == "text" {
				kind = d.keyText
			}
		}
		columns = append(columns, d.id(c.Name)+" "+kind+null)
	}
	columns = append(columns, "PRIMARY KEY ("+d.ids(t.Key)+")")
	return d.makes + " " + d.id(n.Name(t.Name)) + " (" + strings.Join(columns, ", ") + ")"
}

// Select is the statement that reads the rows of a table of a build, in the order of
// its key.
func (t *Table) Select(d *Dialect, n projection.Names) string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name
	}
	return "SELECT " + d.ids(columns) + " FROM " + d.id(n.Name(t.Name)) + " ORDER BY " + d.ids(t.Key)
}
