package projection_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn/projection"
)

// A version is deployed beside one that runs in another program, and readers are
// taken back and forth. In the end the old build goes, and its program with it.
func TestDeploy(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		r.put(200)
		old := r.run(r.target, tallying(1), nil)
		r.untilShown(1)
		w := r.watch()
		r.put(200)
		next := r.deploy(r.target, tallying(2), nil)
		r.untilActive(2)
		r.put(50)
		r.untilShown(2)

		r.check(projection.Rollback(r.Context(), r.store, r.target, "counts", nil))
		r.put(50)
		r.untilShown(1)
		r.pass(70 * time.Minute) // nobody switches by itself, and nothing is dropped
		r.put(1)
		r.untilShown(1)
		if s := r.status(); s.Active != 1 || s.Previous != 2 || len(s.Builds) != 2 || s.Builds[1].Phase != projection.Warm {
			t.Errorf("after the rollback: %+v", s)
		}

		r.check(projection.Switch(r.Context(), r.store, r.target, "counts", 2, nil))
		r.put(1)
		r.untilShown(2)
		r.remember(1)
		r.pass(59 * time.Minute)
		r.put(1)
		r.until("the old build", func() bool { return r.status().Builds[0].Lag == 0 })
		r.sameAs(1)
		r.pass(2 * time.Minute)
		if err := <-old.done; !errors.Is(err, projection.ErrDiscarded) {
			t.Errorf("the old program ended with %v", err)
		}
		s := r.status()
		if len(s.Builds) != 1 || s.Active != 2 || s.Previous != 0 {
			t.Errorf("after the grace time: %+v", s)
		}
		r.nothingOf(1)
		r.put(1)
		r.untilShown(2)
		r.sameAs(2)
		r.stop(next)
		r.stop(w.program)
		if !slices.Equal(w.switches, []int{1, 2, 1, 2}) {
			t.Errorf("readers saw versions %v", w.switches)
		}
	})
}

// remember puts further entries of a build into the ledger, more than are removed
// at a time.
func (r *realm) remember(build int) {
	r.Helper()
	var c projection.Change
	for n := range 1200 {
		for _, kind := range []string{"row/%032x/1", "parked/%032x/1", "skipped/%020d"} {
			c.Put = append(c.Put, projection.Entry{Key: fmt.Sprintf("p/counts/%d/"+kind, build, n), Value: "{}"})
		}
	}
	r.check(r.target.Apply(r.Context(), c))
}

// nothingOf checks that a build has left no table and no entry.
func (r *realm) nothingOf(build int) {
	r.Helper()
	n := projection.Names{Build: build}
	if rows := r.target.Table(n.Name("count")).Len() + r.target.Table(n.Name("twin")).Len(); rows > 0 {
		r.Errorf("build %d has left %d rows", build, rows)
	}
	entries, err := r.target.Entries(r.Context(), "p/counts/"+string(rune('0'+build))+"/")
	if err != nil || len(entries) > 0 {
		r.Errorf("build %d has left %v (%v)", build, entries, err)
	}
}

// The first version that is deployed is shown at once, and completed when it is
// level; and an old projection that is given is run, and not begun.
func TestDeployWithTheOldOne(t *testing.T) {
	inRealm(t, 2, func(r *realm) {
		r.put(100)
		finished := []int{}
		finishing := func(version int) projection.Projection[tx] {
			p := tallying(version)
			p.Finish = func(_ context.Context, tx tx, n projection.Names) error {
				_, ok := tx.Get(n.Name("count"), "k-0")
				if !ok {
					return errors.New("it is not level")
				}
				finished = append(finished, n.Build)
				return nil
			}
			return p
		}
		first := r.deploy(r.target, finishing(3), nil, finishing(1))
		r.untilShown(3)
		r.until("the end of the load", func() bool { return !r.status().Builds[0].Leveled.IsZero() })
		r.stop(first)

		w := r.watch()
		both := r.deploy(r.target, finishing(4), &projection.DeployOptions{Grace: -1}, finishing(3))
		r.untilActive(2)
		r.put(50)
		r.untilShown(4)
		r.pass(time.Hour)
		r.check(projection.Rollback(r.Context(), r.store, r.target, "counts", nil))
		r.put(50)
		r.untilShown(3)
		r.stop(both)
		r.stop(w.program)
		if !slices.Equal(finished, []int{1, 2}) {
			t.Errorf("completed builds %v", finished)
		}
		if err := r.deploy(r.target, tallying(2), nil).done; !errors.Is(<-err, projection.ErrDiscarded) {
			t.Error("a version below the one that readers see was deployed")
		}
	})
}

func TestDeployByHand(t *testing.T) {
	inRealm(t, 3, func(r *realm) {
		old := r.run(r.target, tallying(1), nil)
		r.put(30)
		r.untilShown(1)
		next := r.deploy(r.target, tallying(2), &projection.DeployOptions{Manual: true})
		r.until("level", func() bool { return len(r.status().Builds) == 2 && r.status().Builds[1].Phase == projection.Level })
		r.pass(time.Minute)
		if s := r.status(); s.Active != 1 {
			t.Fatalf("it was switched: %+v", s)
		}
		a, err := projection.Ask(r.Context(), r.target, "counts", projection.Request{What: projection.AskSwitch, Build: 2})
		if err != nil || a.Error != "" || !strings.Contains(a.Text, "2") {
			t.Fatalf("got %+v, %v", a, err)
		}
		if s := r.status(); s.Active != 2 {
			t.Errorf("it was not switched: %+v", s)
		}
		r.stop(next)
		r.stop(old)
	})
}

// Several programs deploy the same version: the work is done once.
func TestDeployByMany(t *testing.T) {
	inRealm(t, 4, func(r *realm) {
		old := r.run(r.target, tallying(1), nil)
		r.put(100)
		r.untilShown(1)
		w := r.watch()
		var all []*program
		two := tallying(2)
		completed := 0
		two.Finish = func(context.Context, tx, projection.Names) error { completed++; return nil }
		for range 3 {
			all = append(all, r.deploy(r.target, two, nil))
		}
		r.untilActive(2)
		for len(all) > 0 {
			r.put(20)
			r.untilShown(2)
			r.stop(all[0])
			all = all[1:]
		}
		r.stop(w.program)
		r.stop(old)
		if completed != 1 {
			t.Errorf("it was completed %d times", completed)
		}
		if s := r.status(); len(s.Builds) != 2 || !slices.Equal(w.switches, []int{1, 2}) {
			t.Errorf("readers saw %v, in the end there is %+v", w.switches, s)
		}
		r.sameAs(2)
	})
}

// A version is built anew, asked for from outside.
func TestRebuild(t *testing.T) {
	inRealm(t, 5, func(r *realm) {
		r.put(40)
		_, err := projection.Rebuild(r.Context(), r.store, r.target, tallying(1))
		if !errors.Is(err, projection.ErrUnknown) {
			t.Errorf("what was never built is built anew: %v", err)
		}
		program := r.deploy(r.target, tallying(1), &projection.DeployOptions{Grace: 10 * time.Minute})
		r.untilShown(1)
		w := r.watch()
		a, err := projection.Ask(r.Context(), r.target, "counts", projection.Request{What: projection.AskRebuild})
		if err != nil || a.Error != "" {
			t.Fatalf("got %+v, %v", a, err)
		}
		r.untilActive(2)
		r.put(40)
		r.untilShown(1)
		n, err := projection.Rebuild(r.Context(), r.store, r.target, tallying(1))
		if again, _ := projection.Rebuild(r.Context(), r.store, r.target, tallying(1)); err != nil || n != 3 || again != 3 {
			t.Errorf("builds %d and %d, %v", n, again, err)
		}
		r.untilActive(3)
		r.put(40)
		r.untilShown(1)
		r.pass(11 * time.Minute)
		r.nothingOf(1)
		r.nothingOf(2)
		r.sameAs(3)
		r.stop(program)
		r.stop(w.program)
		asks, err := r.target.Entries(r.Context(), "p/counts/ask/")
		if err != nil || len(asks) > 0 {
			t.Errorf("asks are left: %v, %v", asks, err)
		}
	})
}

func TestAskNobody(t *testing.T) {
	inRealm(t, 6, func(r *realm) {
		ask := func(q projection.Request) error {
			ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
			defer cancel()
			_, err := projection.Ask(ctx, r.target, "counts", q)
			return err
		}
		rebuild := projection.Request{What: projection.AskRebuild}
		if err := ask(rebuild); !errors.Is(err, projection.ErrUnknown) {
			t.Errorf("got %v", err)
		}
		r.stop(r.startAndShow(tallying(1)))
		if err := ask(rebuild); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		for _, q := range []projection.Request{{}, {What: "dance"}, {What: projection.AskSwitch}} {
			if err := ask(q); !isInvalid(err, "what", "build") {
				t.Errorf("%+v: %v", q, err)
			}
		}
		if left, _ := r.target.Entries(r.Context(), "p/counts/ask/"); len(left) > 0 {
			t.Errorf("left are %v", left)
		}
	})
}

func (r *realm) startAndShow(p projection.Projection[tx]) *program {
	r.Helper()
	program := r.run(r.target, p, nil)
	r.put(10)
	r.untilShown(p.Version)
	synctest.Wait()
	return program
}
