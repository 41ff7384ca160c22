package report

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// A table is written as Markdown; the first column is text, the others are
// numbers and stand on the right.
type table struct {
	head []string
	rows [][]string
}

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// write leaves a table without rows out.
func (t *table) write(w io.Writer) {
	if len(t.rows) == 0 {
		return
	}
	line(w, t.head)
	rule := []string{"---"}
	for range t.head[1:] {
		rule = append(rule, "--:")
	}
	line(w, rule)
	for _, row := range t.rows {
		line(w, row)
	}
	fmt.Fprintln(w)
}

func line(w io.Writer, cells []string) {
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

// none stands where nothing was measured.
const none = "–"

// number writes about three significant digits, thousands separated by commas.
func number(v float64) string {
	switch a := math.Abs(v); {
	case a >= 100:
		return thousands(int64(math.Round(v)))
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	case a >= 0.1 || v == 0:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2g", v)
}

func thousands(n int64) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// times writes a ratio.
func times(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0fx", v)
	}
	return strings.TrimSuffix(number(v), ".0") + "x"
}

func mebibytes(v float64) string { return number(v/(1<<20)) + " MiB" }
