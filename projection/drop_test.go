package projection_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/storetest"
)

func newStore() cairn.Store { return storetest.NewReference() }

// hosted is the database that programs use.
type hosted = memtarget.Target

// A whole projection is removed, its programs end, and it can begin again.
func TestRemove(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		old, next := r.deployed()
		var w projection.Ledger = r.target
		if _, ok := w.(projection.Withdrawer); !ok {
			t.Skip("memory cannot take names away")
		}
		r.check(projection.Remove(r.Context(), quiet{r.target, r}, "counts"))
		for _, p := range []*program{old, next} {
			if err := <-p.done; !errors.Is(err, projection.ErrDiscarded) {
				t.Errorf("a program ended with %v", err)
			}
		}
		if left, err := r.target.Entries(r.Context(), ""); err != nil || len(left) > 0 {
			t.Errorf("left are %v, %v", left, err)
		}
		if n := r.target.Table("count").Len() + r.target.Table("count_b1").Len() + r.target.Table("count_b2").Len(); n > 0 {
			t.Errorf("%d rows are left", n)
		}
		r.check(projection.Remove(r.Context(), r.target, "counts"))
		again := r.startAndShow(tallying(3))
		r.stop(again)
		if names, err := projection.List(r.Context(), r.target); err != nil || len(names) != 1 || names[0] != "counts" {
			t.Errorf("got %v, %v", names, err)
		}
	})
}

// A version that has fewer tables: what readers saw under the name that is gone is
// kept as long as the old build is.
func TestTablesThatGo(t *testing.T) {
	inRealm(t, 2, func(r *realm) {
		if _, ok := projection.Ledger(r.target).(projection.Withdrawer); !ok {
			t.Skip("memory cannot take names away")
		}
		old := r.startAndShow(tallying(1))
		one := projection.Projection[tx]{
			Name: "counts", Version: 2, Tables: []string{"count"},
			Handler: projection.OnEvent(func(_ context.Context, tx tx, e *projection.Event) error {
				c, _ := memtarget.Value[cell](tx.Get(e.Name("count"), e.Stream))
				tx.Set(e.Name("count"), e.Stream, cell{2, c.n + 1})
				return nil
			}, "added"),
		}
		next := r.deploy(r.target, one, &projection.DeployOptions{Grace: 10 * time.Minute})
		r.untilActive(2)
		r.put(10)
		r.until("the old table", func() bool {
			for stream, n := range r.wrote {
				if c, _ := memtarget.Value[cell](r.target.Table("twin").Get(stream)); c.n != n {
					return false
				}
			}
			return true
		})
		r.pass(11 * time.Minute)
		if err := <-old.done; !errors.Is(err, projection.ErrDiscarded) {
			t.Errorf("the old program ended with %v", err)
		}
		if r.nothingOf(1); r.target.Table("twin").Len() > 0 {
			t.Error("the name that is gone still shows rows")
		}
		r.sameAs(2)
		r.stop(next)
	})
}

// quiet discards only what nobody can write to any more.
type quiet struct {
	*hosted
	r *realm
}

func (q quiet) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	lanes, err := q.Entries(ctx, fmt.Sprintf("p/counts/%d/lane/", of.Build))
	if err != nil || len(lanes) > 0 {
		q.r.Errorf("the tables of build %d go, and there are lanes: %v, %v", of.Build, lanes, err)
	}
	return q.hosted.Discard(ctx, c, tables, of)
}

func TestDropTakesTheLanesFirst(t *testing.T) {
	inRealm(t, 3, func(r *realm) {
		old, next := r.deployed()
		r.check(projection.Drop(r.Context(), quiet{r.target, r}, "counts", 1))
		r.put(1)
		r.untilShown(2)
		if err := <-old.done; !errors.Is(err, projection.ErrDiscarded) {
			t.Errorf("the old program ended with %v", err)
		}
		r.nothingOf(1)
		r.stop(next)
	})
}

// A paired target sees to it that a projection is listed as long as it is there.
type paired struct {
	*memtarget.Target
	t *testing.T
}

func (p paired) Apply(ctx context.Context, c projection.Change) error {
	err := p.Target.Apply(ctx, c)
	names, _ := projection.List(ctx, p.Target)
	there, _ := p.Target.Entries(ctx, "p/counts/deployment")
	if len(names) != len(there) {
		p.t.Errorf("after %+v there are %d deployments and %d names", c, len(there), len(names))
	}
	return err
}

// Whoever begins a projection anew while it is removed is not forgotten.
func TestRemoveTakesTheNameWithTheRest(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		p := r.run(r.target, tallying(1), nil)
		r.untilActive(1)
		r.stop(p)
		r.check(projection.Remove(r.Context(), paired{r.target, t}, "counts"))
		if names, err := projection.List(r.Context(), r.target); err != nil || len(names) > 0 {
			t.Errorf("got %v, %v", names, err)
		}
	})
}
