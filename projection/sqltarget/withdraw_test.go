package sqltarget_test

import (
	"errors"
	"testing"

	"github.com/cairndb/cairn/projection"
)

// Plain names that are views go, and everything else stays: the builds' tables,
// names that nobody has published, and a table of somebody's own.
func TestWithdraw(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		db.build(t, 1, "n int", "item", "a-b")
		db.publish(t, 1, "item", "a-b")
		exec(t, db, `CREATE TABLE mine (n int)`)
		exec(t, db, `INSERT INTO mine VALUES (7)`)
		for range 2 { // as after a crash
			ok(t, db.target.Withdraw(t.Context(), put("shown", "none"), []string{"item", "a-b", "never", "mine"}))
		}
		db.holds(t, "shown", "none")
		for _, name := range []string{"item", "a-b"} {
			if db.QueryRow(db.sql(`SELECT n FROM "`+name+`"`)).Scan(new(int)) == nil {
				t.Errorf("%s is still there", name)
			}
		}
		db.shows(t, "item_b1", 1)
		db.shows(t, "mine", 7)
		refused(t, db.target.Withdraw(t.Context(), put("a", "1"), []string{"good", "b;"}), "tables[1]")
	})
}

// A change that does not stand as expected takes nothing away.
func TestWithdrawMoved(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		db.build(t, 1, "n int", "item")
		db.publish(t, 1, "item")
		c := projection.Change{Expect: []projection.Entry{{Key: "shown", Value: "2"}}}
		if err := db.target.Withdraw(t.Context(), c, []string{"item"}); !errors.Is(err, projection.ErrMoved) {
			t.Errorf("got %v", err)
		}
		db.shows(t, "item", 1)
	})
}
