package filetarget

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// A Tx collects the rows of an update. It is for one goroutine, and of no use
// afterwards.
type Tx struct {
	known  map[string][]Column
	made   map[string][]Column
	tables map[string]*waiting
}

// Create makes a table, as a projection's Setup does. One that is there with the
// same columns is fine. Appending structs makes their table by itself.
func (tx *Tx) Create(table string, columns ...Column) error {
	if err := checkTable(table); err != nil {
		return err
	}
	if err := checkColumns(columns); err != nil {
		return err
	}
	if has := tx.known[table]; has != nil {
		return otherColumns(table, has, columns)
	}
	columns = slices.Clone(columns)
	tx.known[table], tx.made[table] = columns, columns
	return nil
}

func otherColumns(table string, has, wants []Column) error {
	if slices.Equal(has, wants) {
		return nil
	}
	return invalid("columns", fmt.Sprintf("table %q has %v and not %v; raise the projection's Version and deploy it", table, has, wants))
}

// Append appends a row to a table: a struct, a pointer to one, or a map[string]any
// whose keys are columns. [Columns] says what structs are fine. Of a map a column
// may be left out that is optional.
func (tx *Tx) Append(table string, row any) error {
	columns, err := tx.columnsOf(table, row)
	if err != nil {
		return err
	}
	w := tx.tables[table]
	if w == nil {
		w = &waiting{}
		tx.tables[table] = w
	}
	lines, err := appendRow(w.lines, columns, row)
	if err != nil {
		return err
	}
	w.rows, w.lines = w.rows+1, lines
	return nil
}

// columnsOf are the columns of a table, which a struct makes if it is not there.
func (tx *Tx) columnsOf(table string, row any) ([]Column, error) {
	if columns := tx.known[table]; columns != nil {
		return columns, nil
	}
	if _, ok := row.(map[string]any); ok || row == nil {
		return nil, fmt.Errorf("filetarget: table %q was not made: %w; call Create in Setup", table, projection.ErrUnknown)
	}
	t := reflect.TypeOf(row)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	s, err := shapeOf(t)
	if err != nil {
		return nil, err
	}
	return s.columns, tx.Create(table, s.columns...)
}

// record is what the update writes.
func (tx *Tx) record() *record {
	r := &record{Make: tx.made, lines: map[string][]byte{}, known: tx.known}
	for _, name := range slices.Sorted(maps.Keys(tx.tables)) {
		w := tx.tables[name]
		if w.rows == 0 {
			continue
		}
		r.lines[name] = w.lines
		r.Rows = append(r.Rows, chunk{Table: name, Rows: w.rows, Bytes: len(w.lines)})
	}
	return r
}
