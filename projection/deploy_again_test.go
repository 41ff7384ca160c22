package projection_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

// An unpublishing target fails when readers are to be shown something.
type unpublishing struct{ *memtarget.Target }

func (unpublishing) Publish(context.Context, projection.Change, []string, projection.Names) error {
	return errors.New("no more disk space")
}

// A first build that nobody came to show does not stand in the way of the next.
func TestAFirstBuildThatWasNotShown(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		r.put(10)
		if err := <-r.run(unpublishing{r.target}, tallying(1), nil).done; err == nil {
			t.Fatal("it was shown")
		}
		next := r.deploy(r.target, tallying(2), nil)
		select {
		case err := <-next.done:
			t.Fatal(err)
		case <-time.After(time.Minute):
		}
		r.untilActive(2)
		r.untilShown(2)
		r.stop(next)
	})
}

// A forgetful target fails when a request alone is answered, ten times.
type forgetful struct {
	*memtarget.Target
	failed atomic.Int64
}

func (f *forgetful) Apply(ctx context.Context, c projection.Change) error {
	answer := len(c.Put) == 1 && strings.Contains(c.Put[0].Key, "/ask/") && strings.Contains(c.Put[0].Value, "answer")
	if answer && f.failed.Add(1) <= 10 {
		return errors.New("nobody is there")
	}
	return f.Target.Apply(ctx, c)
}

// A build that was asked for is begun once, also if the answer is lost.
func TestAskedToRebuildOnce(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		r.put(10)
		target := &forgetful{Target: r.target}
		p := r.deploy(target, tallying(1), nil)
		q := r.deploy(target, tallying(1), nil)
		r.untilShown(1)
		a, err := projection.Ask(r.Context(), r.target, "counts", projection.Request{What: projection.AskRebuild})
		if err != nil || a.Error != "" {
			t.Errorf("got %+v, %v", a, err)
		}
		r.untilActive(2)
		r.pass(time.Minute)
		if s := r.status(); len(s.Builds) != 2 || s.Active != 2 {
			t.Errorf("got %+v", s)
		}
		r.stop(p)
		r.stop(q)
	})
}
