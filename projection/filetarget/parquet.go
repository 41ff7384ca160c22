package filetarget

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
)

// schemaOf is the Parquet schema of a table. Its columns are ordered by name.
func schemaOf(table string, columns []Column) *parquet.Schema {
	group := parquet.Group{}
	for _, c := range columns {
		node := nodes[c.Kind]()
		if c.Optional {
			node = parquet.Optional(node)
		}
		group[c.Name] = node
	}
	return parquet.NewSchema(table, group)
}

var nodes = map[Kind]func() parquet.Node{
	String: parquet.String,
	Int:    func() parquet.Node { return parquet.Int(64) },
	Uint:   func() parquet.Node { return parquet.Uint(64) },
	Float:  func() parquet.Node { return parquet.Leaf(parquet.DoubleType) },
	Bool:   func() parquet.Node { return parquet.Leaf(parquet.BooleanType) },
	Bytes:  func() parquet.Node { return parquet.Leaf(parquet.ByteArrayType) },
	Time:   func() parquet.Node { return parquet.Timestamp(parquet.Microsecond) },
}

// writeParquet writes the rows of older files, and after them those of lines.
func writeParquet(to io.Writer, table string, columns []Column, older [][]byte, lines []byte) error {
	w := parquet.NewWriter(to, schemaOf(table, columns), parquet.Compression(&parquet.Zstd), parquet.CreatedBy("cairn", "1", ""))
	for _, data := range older {
		if err := copyParquet(w, data); err != nil {
			return err
		}
	}
	d := newDecoder(columns)
	for line := range bytes.Lines(lines) {
		row, err := d.row(line)
		if err != nil {
			return err
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			return err
		}
	}
	return w.Close()
}

func copyParquet(w parquet.RowWriter, data []byte) error {
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		if _, err := parquet.CopyRows(w, rows); err != nil {
			return fmt.Errorf("copying rows: %w", errors.Join(err, rows.Close()))
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}

// A decoder makes Parquet rows of lines.
type decoder struct {
	columns []Column // ordered by name, as in the schema
	fields  map[string]json.RawMessage
	values  parquet.Row
}

func newDecoder(columns []Column) *decoder {
	columns = slices.SortedFunc(slices.Values(columns), func(a, b Column) int { return cmp.Compare(a.Name, b.Name) })
	return &decoder{columns: columns, fields: map[string]json.RawMessage{}}
}

// row returns the row of a line. It is good until the next one.
func (d *decoder) row(line []byte) (parquet.Row, error) {
	clear(d.fields)
	if err := json.Unmarshal(line, &d.fields); err != nil {
		return nil, err
	}
	d.values = d.values[:0]
	for i, c := range d.columns {
		text := d.fields[c.Name]
		if c.Optional && string(text) == "null" {
			d.values = append(d.values, parquet.NullValue().Level(0, 0, i))
			continue
		}
		v, err := readers[c.Kind](text)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		level := 0
		if c.Optional {
			level = 1
		}
		d.values = append(d.values, v.Level(0, level, i))
	}
	return d.values, nil
}

// readers read what writers have written.
var readers = map[Kind]func(text []byte) (parquet.Value, error){
	String: read(func(s string) parquet.Value { return parquet.ByteArrayValue([]byte(s)) }),
	Int:    read(parquet.Int64Value),
	Uint:   read(func(n uint64) parquet.Value { return parquet.Int64Value(int64(n)) }),
	Float:  read(parquet.DoubleValue),
	Bool:   read(parquet.BooleanValue),
	Bytes:  read(parquet.ByteArrayValue),
	Time:   read(func(at time.Time) parquet.Value { return parquet.Int64Value(at.UnixMicro()) }),
}

func read[T any](value func(T) parquet.Value) func([]byte) (parquet.Value, error) {
	return func(text []byte) (parquet.Value, error) {
		var v T
		err := json.Unmarshal(text, &v)
		return value(v), err
	}
}
