package cli

import (
	"io"
	"strings"
)

// standardWidth is the width of a terminal for which tables are laid out.
const standardWidth = 96

// A column of a table.
type column struct {
	title  string
	right  bool // align at the right
	most   int  // how wide at most on a terminal of [standardWidth]; zero is any width
	middle bool // cut in the middle
	rest   bool // take what is left of the terminal's width; only the last
}

// A table prints rows in columns. It holds the first rows back to see how wide
// the columns must be; later rows that are wider push their line aside.
type table struct {
	c       *console
	out     io.Writer
	columns []column
	widths  []int // nil while rows are held back
	rows    [][]string
}

func newTable(c *console, out io.Writer, columns ...column) *table {
	return &table{c: c, out: out, columns: columns}
}

// add prints a row, or holds it back. The cells must be printable.
func (t *table) add(cells ...string) error {
	for i, col := range t.columns {
		most := col.most * t.c.width / standardWidth
		if most > 0 && col.middle {
			cells[i] = clipMiddle(cells[i], max(most, 8))
		} else if most > 0 {
			cells[i] = clip(cells[i], max(most, 8))
		}
	}
	if t.widths != nil {
		return t.write(cells, t.plain)
	}
	if t.rows = append(t.rows, cells); len(t.rows) < lookAhead {
		return nil
	}
	return t.flush()
}

// flush prints the rows held back, under their titles.
func (t *table) flush() error {
	if t.widths != nil || len(t.rows) == 0 {
		return nil
	}
	var titles []string
	for i, col := range t.columns {
		titles = append(titles, col.title)
		width := columns(col.title)
		for _, row := range t.rows {
			width = max(width, columns(row[i]))
		}
		t.widths = append(t.widths, width)
	}
	if err := t.write(titles, t.title); err != nil {
		return err
	}
	for _, row := range t.rows {
		if err := t.write(row, t.plain); err != nil {
			return err
		}
	}
	t.rows = nil
	return nil
}

func (t *table) title(s string) string { return t.c.paint(t.c.outTerminal, "2", s) }
func (t *table) plain(s string) string { return s }

func (t *table) write(cells []string, paint func(string) string) error {
	var b strings.Builder
	used := 0
	for i, col := range t.columns {
		s := cells[i]
		if col.rest && t.c.width > 0 {
			s = clip(s, max(t.c.width-used, 8))
		}
		gap := strings.Repeat(" ", max(t.widths[i]-columns(s), 0))
		switch {
		case col.right:
			s = gap + s
		case i < len(t.columns)-1:
			s += gap
		}
		if i < len(t.columns)-1 {
			s += "  "
		}
		used += columns(s)
		b.WriteString(s)
	}
	_, err := io.WriteString(t.out, paint(strings.TrimRight(b.String(), " "))+"\n")
	return err
}
