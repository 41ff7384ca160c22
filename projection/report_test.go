package projection_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// What runs is reported to the store, and nothing is while nothing happens.
func TestReports(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		all, err := projection.Reported(r.Context(), r.store)
		if err != nil || len(all) > 0 {
			t.Errorf("before anything: %+v, %v", all, err)
		}
		if _, err := projection.ReportedOf(r.Context(), r.store, "counts"); !errors.Is(err, projection.ErrUnknown) {
			t.Errorf("got %v", err)
		}
		old, next := r.deployed()
		r.pass(time.Minute)
		r.put(50)
		r.pass(time.Minute)
		s := r.reported()
		b, _ := s.Build(2)
		if s.Active != 2 || s.Previous != 1 || len(s.Builds) != 2 || b.Applied != 60 || b.Lag != 0 || b.Phase != projection.Active || len(b.Lanes) != 1 || b.Tables[0] != "count_b2" {
			t.Errorf("got %+v", s)
		}
		if len(b.Query) != 1 || s.Target != "memory" {
			t.Errorf("what it selects is %+v, in %q", b.Query, s.Target)
		}
		head := r.head()
		r.pass(5 * time.Minute)
		if now := r.head(); now != head {
			t.Errorf("the head went from %d to %d in five minutes without events", head, now)
		}
		info, err := r.store.StreamInfo(r.Context(), projection.ReportStream("counts"))
		if r.check(err); info.Metadata.MaxCount == 0 {
			t.Errorf("all reports are kept: %+v", info)
		}
		r.stop(old)
		r.stop(next)
		r.check(projection.Unreport(r.Context(), r.store, "counts"))
		if all, err := projection.Reported(r.Context(), r.store); err != nil || len(all) > 0 {
			t.Errorf("after it was taken back: %+v, %v", all, err)
		}
	})
}

func (r *realm) head() cairn.Position {
	r.Helper()
	info, err := r.store.Info(r.Context())
	r.check(err)
	return info.Head
}

func (r *realm) reported() projection.Status {
	r.Helper()
	all, err := projection.Reported(r.Context(), r.store)
	r.check(err)
	if len(all) != 1 || all[0].Projection != "counts" {
		r.Fatalf("got %+v", all)
	}
	return all[0]
}

// A failure that ends a program is the last that it reports, and what a load still
// takes is reported while it lasts.
func TestReportsOfTrouble(t *testing.T) {
	inRealm(t, 2, func(r *realm) {
		r.put(100)
		old := r.run(r.target, tallying(1), nil)
		r.untilShown(1)
		slow := tallying(2)
		n := 0
		fast := slow.Handler.Apply
		slow.Handler.Apply = func(ctx context.Context, tx tx, events []*projection.Event) error {
			time.Sleep(time.Second)
			if n += len(events); n >= 60 {
				return projection.Stop(errors.New("spilt"))
			}
			return fast(ctx, tx, events)
		}
		next := r.deploy(r.target, slow, &projection.DeployOptions{Options: projection.Options{MaxBatch: 1}})
		r.pass(30 * time.Second)
		b, _ := func() (projection.BuildStatus, bool) { s := r.reported(); return s.Build(2) }()
		if b.Phase != projection.Building || b.Rate < .5 || b.Rate > 2 || b.Lag < 50 || b.ETA.Before(time.Now()) || b.ETA.After(time.Now().Add(5*time.Minute)) {
			t.Errorf("at %v: %+v", time.Now(), b)
		}
		if err := <-next.done; !errors.Is(err, projection.ErrFailed) {
			t.Errorf("it ended with %v", err)
		}
		r.pass(time.Minute) // the other program's reports do not hide it
		s := r.reported()
		if b, _ := s.Build(2); b.Error == "" || b.Down {
			t.Errorf("got %+v", b)
		}
		r.stop(old)
	})
}

// A database that is down is reported, and that it is back.
func TestReportsOfADatabaseThatIsDown(t *testing.T) {
	inRealm(t, 3, func(r *realm) {
		f := &frail{hosted: r.target, rand: rand.New(rand.NewPCG(3, 1)), odds: 1 << 30, kill: func() {}}
		program := r.run(f, tallying(1), nil)
		r.put(10)
		r.untilShown(1)
		r.pass(10 * time.Second)
		f.cut(true)
		r.put(10)
		r.pass(time.Minute)
		s := r.reported()
		if b := s.Builds[0]; b.Error == "" || !b.Down {
			t.Errorf("got %+v", b)
		}
		f.cut(false)
		r.untilShown(1)
		r.pass(time.Minute)
		s = r.reported()
		if b := s.Builds[0]; b.Error != "" || b.Down || b.Applied != 20 {
			t.Errorf("got %+v", b)
		}
		r.stop(program)
	})
}

// cut makes everything fail.
func (f *frail) cut(off bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off = off
}

// What a program that is told to end gives as its reason is no failure of a build.
func TestReportsOfAnEnd(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		r.put(10)
		p := r.run(r.target, tallying(1), nil)
		r.untilShown(1)
		r.pass(time.Minute)
		r.stop(p)
		if b := r.reported().Builds[0]; b.Error != "" {
			t.Errorf("it is reported that it failed: %s", b.Error)
		}
	})
}

// A failure is reported also if what has failed is a deadline of the handler's.
func TestReportsOfAHandlersDeadline(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		r.put(10)
		p := tallying(1)
		p.Handler = projection.OnEvent(func(context.Context, tx, *projection.Event) error {
			return projection.Stop(fmt.Errorf("asking the neighbour: %w", context.DeadlineExceeded))
		}, "added")
		if err := <-r.run(r.target, p, nil).done; !errors.Is(err, projection.ErrFailed) {
			t.Fatal(err)
		}
		if b := r.reported().Builds[0]; !strings.Contains(b.Error, "neighbour") {
			t.Errorf("the failure is not reported: %+v", b)
		}
	})
}

// A build that stands still far behind is no news because of the reports.
func TestReportsDoNotFeedThemselves(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		all := func(version int) projection.Projection[tx] {
			p := tallying(version)
			p.Handler.Types = nil
			return p
		}
		r.put(10)
		old := r.run(r.target, all(1), nil)
		r.untilShown(1)
		next := r.deploy(r.target, all(2), nil)
		r.untilActive(2)
		r.stop(old)
		r.put(2000)
		r.untilShown(2)
		r.pass(2 * time.Minute)
		head := r.head()
		r.pass(5 * time.Minute)
		if now := r.head(); now != head {
			t.Errorf("the head went from %d to %d in five minutes without events", head, now)
		}
		r.stop(next)
	})
}
