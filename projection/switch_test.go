package projection_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

func isInvalid(err error, fields ...string) bool {
	e, ok := errors.AsType[*cairn.InvalidError](err)
	return ok && slices.Contains(fields, e.Field)
}

// deployed is a realm in which readers see build 2 and build 1 is kept.
func (r *realm) deployed() (old, next *program) {
	r.Helper()
	old = r.startAndShow(tallying(1))
	next = r.deploy(r.target, tallying(2), nil)
	r.untilActive(2)
	return old, next
}

// Readers are not taken back to a build that nobody has kept up to date, unless
// that is wanted.
func TestRollbackToWhatIsBehind(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		old, next := r.deployed()
		r.stop(old)
		r.put(10)
		r.untilShown(2)
		begun := time.Now()
		err := projection.Rollback(r.Context(), r.store, r.target, "counts", &projection.SwitchOptions{Within: 5 * time.Second})
		e, ok := errors.AsType[*projection.BehindError](err)
		if !ok || !errors.Is(err, projection.ErrBehind) || e.Build != 1 || e.Position >= e.Seen || time.Since(begun) < 5*time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		r.put(10)
		begun = time.Now()
		if r.untilShown(2); time.Since(begun) > 5*time.Second {
			t.Errorf("its lanes were given back after %v", time.Since(begun))
		}
		r.check(projection.Rollback(r.Context(), r.store, r.target, "counts", &projection.SwitchOptions{Backwards: true}))
		old = r.run(r.target, tallying(1), nil)
		r.untilShown(1)
		r.stop(old)
		r.stop(next)
	})
}

// A busy runner of the build that readers see does not keep them from the new one:
// whenever somebody is about to switch, there is another event.
func TestSwitchFromWhatNeverStands(t *testing.T) {
	inRealm(t, 2, func(r *realm) {
		old := r.startAndShow(tallying(1))
		w := r.watch()
		next := r.deploy(busy{r.target, r}, tallying(2), nil)
		r.untilActive(2)
		r.put(10)
		r.untilShown(2)
		begun := time.Now()
		r.until("the old build", func() bool { b, _ := r.build(1); return b.Lag == 0 })
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("the old runner got its lanes back after %v", took)
		}
		r.check(projection.Rollback(r.Context(), r.store, busy{r.target, r}, "counts", nil))
		r.put(10)
		r.untilShown(1)
		r.stop(old)
		r.stop(next)
		r.stop(w.program)
	})
}

// What the build that readers see has shown between the last look and the switch
// counts, too.
func TestSwitchThatIsJustOvertaken(t *testing.T) {
	inRealm(t, 4, func(r *realm) {
		old, next := r.deployed()
		r.until("level", func() bool { b, _ := r.build(1); return b.Lag == 0 })
		r.stop(old)
		w := r.watch()
		once := &projection.SwitchOptions{Within: -1}
		if err := projection.Rollback(r.Context(), r.store, busy{r.target, r}, "counts", once); !errors.Is(err, projection.ErrMoved) {
			t.Errorf("got %v", err)
		}
		r.untilShown(2)
		r.stop(next)
		r.stop(w.program)
	})
}

// busy publishes just after the runners have applied something.
type busy struct {
	*hosted
	r *realm
}

func (b busy) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	b.r.put(1)
	time.Sleep(20 * time.Millisecond)
	return b.hosted.Publish(ctx, c, tables, to)
}

// What cannot be switched to, dropped or asked about is said.
func TestWhatCannotBe(t *testing.T) {
	inRealm(t, 3, func(r *realm) {
		ctx := r.Context()
		once := &projection.SwitchOptions{Within: -1}
		for _, name := range []string{"counts", "none"} {
			if err := projection.Switch(ctx, r.store, r.target, name, 1, nil); !errors.Is(err, projection.ErrUnknown) {
				t.Errorf("switch in nothing: %v", err)
			}
			if err := projection.Rollback(ctx, r.store, r.target, name, nil); !errors.Is(err, projection.ErrUnknown) {
				t.Errorf("rollback in nothing: %v", err)
			}
			if err := projection.Drop(ctx, r.target, name, 1); !errors.Is(err, projection.ErrUnknown) {
				t.Errorf("drop in nothing: %v", err)
			}
			if _, err := projection.StatusOf(ctx, r.store, r.target, name); !errors.Is(err, projection.ErrUnknown) {
				t.Errorf("status of nothing: %v", err)
			}
		}
		for name, err := range map[string]error{
			"switch": projection.Switch(ctx, r.store, r.target, "a/b", 1, nil), "rollback": projection.Rollback(ctx, r.store, r.target, "A", nil),
			"drop": projection.Drop(ctx, r.target, "", 1), "remove": projection.Remove(ctx, r.target, "x y"),
		} {
			if !isInvalid(err, "name") {
				t.Errorf("%s: %v", name, err)
			}
		}
		first := r.startAndShow(tallying(1))
		r.check(projection.Switch(ctx, r.store, r.target, "counts", 1, nil)) // they see it already
		if err := projection.Rollback(ctx, r.store, r.target, "counts", nil); !errors.Is(err, projection.ErrUnknown) {
			t.Errorf("rollback to nothing: %v", err)
		}
		if err := projection.Drop(ctx, r.target, "counts", 1); !isInvalid(err, "build") {
			t.Errorf("what readers see was dropped: %v", err)
		}
		n, err := projection.Rebuild(ctx, r.store, r.target, tallying(1))
		r.check(err)
		if err := projection.Switch(ctx, r.store, r.target, "counts", n, once); !errors.Is(err, projection.ErrBehind) {
			t.Errorf("switch to what is being loaded: %v", err)
		}
		r.check(projection.Drop(ctx, r.target, "counts", n))
		r.nothingOf(n)
		other := newStore()
		if err := projection.Switch(ctx, other, r.target, "counts", n, once); !errors.Is(err, projection.ErrUnknown) {
			t.Errorf("switch to what was dropped: %v", err)
		}
		if _, err := projection.StatusOf(ctx, other, r.target, "counts"); !errors.Is(err, projection.ErrStore) {
			t.Errorf("status by another store: %v", err)
		}
		r.stop(first)
		r.check(other.Close())
	})
}
