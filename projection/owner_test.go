package projection_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// A table has one projection, as long as that has a build of it.
func TestTableOfAnother(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		r.put(10)
		first := r.run(r.target, tallying(1), nil)
		r.untilShown(1)
		other := tallying(1)
		other.Name, other.Tables = "others", []string{"twin"}
		err := <-r.run(r.target, other, nil).done
		invalid, ok := errors.AsType[*cairn.InvalidError](err)
		if !ok || invalid.Field != "tables[0]" || !strings.Contains(err.Error(), `"twin" is a table of projection "counts"`) {
			r.Errorf("got %v", err)
		}
		if names, err := projection.List(t.Context(), r.target); err != nil || len(names) != 1 {
			r.Errorf("there is %v, %v", names, err)
		}
		r.check(projection.Remove(t.Context(), r.target, "counts"))
		if err := <-first.done; !errors.Is(err, projection.ErrDiscarded) {
			r.Error(err)
		}
		other.Name, other.Tables = "others", []string{"count", "twin"}
		second := r.run(r.target, other, nil)
		r.untilShown(1)
		r.stop(second)
		if err := <-r.run(r.target, tallying(1), nil).done; !errors.As(err, &invalid) {
			r.Errorf("the first one came back: %v", err)
		}
	})
}
