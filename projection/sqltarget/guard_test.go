package sqltarget_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/cairndb/cairn/projection"
)

// Two begin the same in MySQL. The second one waits, although the tables of the
// first have committed its locks, and then finds that somebody was quicker.
func TestMySQLOneBegins(t *testing.T) {
	db := onMySQL.database(t)
	entered, second := make(chan struct{}), make(chan error, 1)
	ok(t, db.target.Update(t.Context(), change("a", "", "1"), func(ctx context.Context, tx *sql.Tx) error {
		if err := db.makeAgain(ctx, tx); err != nil {
			return err
		}
		go func() {
			second <- db.target.Update(ctx, change("a", "", "2"), func(context.Context, *sql.Tx) error { close(entered); return nil })
		}()
		for {
			select {
			case <-entered:
				t.Error("both have begun")
				return nil
			default:
			}
			var waiting int
			err := db.QueryRowContext(ctx, `SELECT count(*) FROM information_schema.processlist WHERE db = database() AND state = 'User lock'`).Scan(&waiting)
			if err != nil || waiting > 0 {
				return err
			}
		}
	}))
	if err := <-second; !errors.Is(err, projection.ErrMoved) {
		t.Errorf("got %v", err)
	}
	db.holds(t, "a", "1")
}
