package projection_test

import (
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// waits is how long the oldest event of build 1 is said to wait, as the database
// and the log show it.
func (r *realm) waits() time.Duration {
	r.Helper()
	s := r.status()
	b, _ := s.Build(1)
	if (b.Lag == 0) != b.Oldest.IsZero() {
		r.Errorf("the lag is %d, the oldest of %v", b.Lag, b.Oldest)
	}
	return b.Behind(time.Now()).Truncate(time.Second)
}

// The oldest event that waits says how far behind a build is, however many come
// after it and whatever others write that the build does not select.
func TestHowLongTheOldestWaits(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		p := r.run(r.target, tallying(1), nil)
		r.untilShown(1)
		r.put(3)
		r.pass(time.Minute)
		want := func(what string, d time.Duration) {
			r.Helper()
			if got := r.waits(); got != d {
				r.Errorf("%s: it waits for %v, want %v", what, got, d)
			}
		}
		want("level", 0)
		r.stop(p)
		_, err := r.store.Append(r.Context(), "k-1", cairn.Any, cairn.Event{Type: "ignored"})
		r.check(err)
		r.pass(time.Minute)
		want("nothing for it", 0)
		r.put(1)
		r.pass(10 * time.Minute)
		want("one", 10*time.Minute)
		r.put(1200)
		r.pass(5 * time.Minute)
		want("many", 15*time.Minute)
		p = r.run(r.target, tallying(1), nil)
		r.pass(time.Minute)
		want("caught up", 0)
		s := r.reported()
		if b, _ := s.Build(1); !b.Oldest.IsZero() {
			r.Errorf("reported level with the oldest of %v", b.Oldest)
		}
		r.stop(p)
	})
}

func TestBehindWithAClockAhead(t *testing.T) {
	b := projection.BuildStatus{Oldest: time.Unix(100, 0)}
	if d := b.Behind(time.Unix(99, 0)); d != 0 {
		t.Errorf("an event of the future waits for %v", d)
	}
	if d := b.Behind(time.Unix(103, 0)); d != 3*time.Second {
		t.Errorf("it waits for %v, want 3s", d)
	}
}
