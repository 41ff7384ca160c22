package filetarget

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"
)

// parts makes a file of the rows of each table that wait, and lists it.
func (t *Target) parts(s *state, next *Manifest) error {
	for _, name := range slices.Sorted(maps.Keys(s.columns)) {
		table, listed := next.Tables[name]
		if !listed {
			table.Columns = s.columns[name]
		}
		if w := s.waiting[name]; w != nil {
			var err error
			if table.Parts, err = t.part(name, table, w, next); err != nil {
				return err
			}
		}
		next.Tables[name] = table
	}
	return nil
}

// part writes a file and returns the parts of the table with it. Older ones that are
// not larger than what follows them become part of it.
func (t *Target) part(name string, table Table, w *waiting, next *Manifest) ([]Part, error) {
	keep, merged, rows := t.mergeable(table.Parts, w)
	data, err := t.render(name, table.Columns, merged, w.lines)
	if err != nil {
		return nil, err
	}
	p := Part{Name: fmt.Sprintf("%s/%08d.%s", name, next.Next, t.o.Format), Format: t.o.Format, Rows: rows,
		Bytes: int64(len(data)), Checksum: hexadecimal(data)}
	next.Next++
	if err := t.disk.Mkdir(name); err != nil {
		return nil, failed(err)
	}
	if err := t.put(p.Name, data); err != nil {
		return nil, err
	}
	next.retire(merged)
	return append(slices.Clone(keep), p), nil
}

// mergeable divides parts into those to keep and those to merge with what waits.
func (t *Target) mergeable(parts []Part, w *waiting) (keep, merged []Part, rows int64) {
	rows, bytes := w.rows, int64(len(w.lines))
	i := len(parts)
	for ; i > 0; i-- {
		p := parts[i-1]
		if p.Rows > rows || rows+p.Rows > int64(t.o.Rows) || bytes+p.Bytes > int64(t.o.Bytes) || p.Format != t.o.Format {
			break
		}
		rows, bytes = rows+p.Rows, bytes+p.Bytes
	}
	return parts[:i], parts[i:], rows
}

// render is what the file of older parts and newer lines holds.
func (t *Target) render(name string, columns []Column, older []Part, lines []byte) ([]byte, error) {
	contents := make([][]byte, 0, len(older)+1)
	for _, p := range older {
		data, err := t.disk.Read(p.Name)
		if err != nil {
			return nil, failed(err)
		}
		if int64(len(data)) != p.Bytes || hexadecimal(data) != p.Checksum {
			return nil, corrupt(p.Name, 0, fmt.Sprintf("the file has %d bytes with the checksum %s, and should have %d with %s",
				len(data), hexadecimal(data), p.Bytes, p.Checksum))
		}
		contents = append(contents, data)
	}
	if t.o.Format == NDJSON {
		return append(bytes.Join(contents, nil), lines...), nil
	}
	var b bytes.Buffer
	if err := writeParquet(&b, name, columns, contents, lines); err != nil {
		return nil, corrupt(name, 0, "the rows cannot be read again: "+err.Error())
	}
	return b.Bytes(), nil
}

// retire lists files as obsolete.
func (m *Manifest) retire(parts []Part) {
	for _, p := range parts {
		m.Obsolete = append(m.Obsolete, Obsolete{Name: p.Name, Since: time.Now().UTC().Truncate(time.Second)})
	}
}
