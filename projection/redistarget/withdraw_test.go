package redistarget_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cairndb/cairn/projection"
)

// What readers see is taken away, and with it nothing else: the builds' keys, keys of
// somebody's own, what is published of other tables.
func TestWithdraw(t *testing.T) {
	s := open(t)
	target := s.target(t)
	must(t, target.Update(t.Context(), move("d", "", "0"), func(ctx context.Context, tx tx) error {
		for _, name := range []string{"row_b1", "row_b2", "sum_b2", "other_b2", "mine"} {
			tx.HSet(ctx, tx.Key(name), "n", name)
		}
		return nil
	}))
	must(t, target.Publish(t.Context(), move("d", "0", "1"), []string{"row", "sum", "other"}, projection.Names{Build: 2}))
	before, err := target.View(t.Context())
	must(t, err)
	all := s.state(t)
	if err := target.Withdraw(t.Context(), move("d", "0", "2"), []string{"row", "sum"}); !errors.Is(err, projection.ErrMoved) {
		t.Errorf("got %v, want ErrMoved", err)
	}
	equal(t, "what there is", s.state(t), all)
	for i := range 3 { // the second and third have nothing to do
		must(t, target.Withdraw(t.Context(), move("d", value(i+1), value(i+2)), []string{"row", "mine", "sum", "never"}))
		now, err := target.View(t.Context())
		must(t, err)
		equal(t, "names", []string{now.Name("row"), now.Name("sum"), now.Name("other"), now.Name("mine")}, "[row sum other_b2 mine]")
	}
	equal(t, "the key of a view from before", before.Key("row"), s.prefix+"row_b2")
	must(t, target.Withdraw(t.Context(), move("d", "4", "1"), []string{"other"}))
	delete(all, s.prefix+"cairn_projection:published")
	equal(t, "what is left", s.state(t), all)
}

// A projection that is removed leaves nothing that a view would lead to.
func TestRemove(t *testing.T) {
	s := open(t)
	target := s.target(t)
	names := projection.Names{Build: 1}
	must(t, target.Update(t.Context(), projection.Change{}, func(ctx context.Context, tx tx) error {
		return tx.HSet(ctx, tx.Key(names.Name("row")), "n", 1).Err()
	}))
	must(t, target.Publish(t.Context(), projection.Change{}, []string{"row"}, names))
	must(t, target.Withdraw(t.Context(), projection.Change{}, []string{"row"}))
	must(t, target.Discard(t.Context(), projection.Change{}, []string{"row"}, names))
	equal(t, "keys", s.keys(t), []string{})
}
