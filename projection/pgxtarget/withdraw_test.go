package pgxtarget_test

import (
	"errors"
	"testing"

	"github.com/cairndb/cairn/projection"
)

// Withdraw takes away views, and with them nothing else.
func TestWithdraw(t *testing.T) {
	d := newDatabase(t)
	target := d.target()
	d.do(`CREATE TABLE item_b1 (n int)`)
	d.do(`CREATE TABLE mine (n int)`)
	if err := target.Publish(within(t), move("shown", "", "1"), []string{"item"}, projection.Names{Build: 1}); err != nil {
		t.Fatal(err)
	}
	if err := target.Withdraw(within(t), move("shown", "2", "3"), []string{"item"}); !errors.Is(err, projection.ErrMoved) {
		t.Errorf("got %v", err)
	}
	equal(t, "views", d.count(`SELECT count(*) FROM item`), int64(0))
	for _, to := range []string{"2", "2"} { // again, as after a crash
		if err := target.Withdraw(within(t), move("shown", d.entry(target, "shown"), to), []string{"item", "never", "mine"}); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "views", d.count(`SELECT count(*) FROM pg_views WHERE schemaname = current_schema()`), int64(0))
	equal(t, "tables", d.count(`SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename IN ('item_b1', 'mine')`), int64(2))
}
