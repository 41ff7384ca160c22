package sqltarget

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// The limits of one statement, which are well below those of all databases: of
// parameters, and of bytes in a packet.
const (
	mostRows  = 500
	mostBytes = 1 << 20
)

// putAll sets the entries that have a value, many with a statement: lineage makes
// one for each event.
func (d *dialect) putAll(ctx context.Context, tx statements, values map[string]string) error {
	var args []any
	bytes := 0
	flush := func() error {
		if len(args) == 0 {
			return nil
		}
		_, err := tx.ExecContext(ctx, d.puts(len(args)/2), args...)
		args, bytes = args[:0], 0
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if values[key] == "" {
			continue
		}
		if len(args) == 2*mostRows || bytes+len(values[key]) > mostBytes {
			if err := flush(); err != nil {
				return err
			}
		}
		args, bytes = append(args, key, values[key]), bytes+len(values[key])
	}
	return flush()
}

// puts is the statement that sets n entries.
func (d *dialect) puts(n int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = d.row(i)
	}
	return strings.Replace(d.put, d.row(0), strings.Join(rows, ", "), 1)
}
