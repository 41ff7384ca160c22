package sqltarget

import (
	"context"
	"database/sql"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// absent is the first entry that a change expects not to be there, or empty.
func absent(c projection.Change) string {
	var keys []string
	for _, e := range c.Expect {
		if e.Value == "" {
			keys = append(keys, e.Key)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return slices.Min(keys)
}

// guard lets one at a time begin something. Who does so makes tables, as a rule,
// and where that commits the locks of entries are gone at once: two that begin the
// same would be in each other's way, and fail by the other's rows instead of
// finding that somebody was quicker.
func (t *Target) guard(ctx context.Context, conn *sql.Conn, key string) error {
	var got int
	if err := conn.QueryRowContext(ctx, t.d.guard, key).Scan(&got); err != nil {
		return &ownError{"begin", err}
	}
	if got != 1 {
		return errGuarded
	}
	return nil
}
