package projection

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// A hold keeps the lanes of the build that readers see from moving. It is for
// builds that would never stand still at the moment when the new one is level: the
// next transaction of each runner begins when the last one ends, or the new build
// is always the slower one. Whoever loses a lane to it takes it back as soon as it
// is free, or after its lease if the switch has crashed.
type hold struct {
	owner string
	since time.Time // when the first lane was taken
	until time.Time // when to try again after it was let go in vain
}

const (
	holder    = "switch/"
	unheld    = 10              // attempts without a hold
	mostHeld  = time.Second     // how long readers may see nothing new
	pauseHeld = 2 * time.Second // how long they are left in peace after that
)

// tighten takes lanes after attempts that have failed. A build that is far behind
// is not waited for.
func (h *hold) tighten(ctx context.Context, s *shift, active, n int, failed error) error {
	now := time.Now()
	behind, far := errors.AsType[*BehindError](failed)
	far = far && behind.Seen-behind.Position > 10*cairn.ProgressEvery
	if n < unheld || now.Before(h.until) {
		return nil
	}
	lanes, err := loadCheckpoints(ctx, s.publisher, s.place, active) // what was read before is old
	if err != nil {
		return err
	}
	if far || !h.since.IsZero() && now.Sub(h.since) > mostHeld {
		h.since, h.until = time.Time{}, now.Add(pauseHeld)
		return h.letGo(ctx, s.publisher, lanes)
	}
	if h.since.IsZero() {
		h.owner, h.since = holder+cairn.NewID().String(), now
	}
	for i := range lanes {
		if err := h.take(ctx, s.publisher, &lanes[i]); err != nil && !errors.Is(err, ErrMoved) {
			return err
		}
	}
	return nil
}

// take takes a lane, unless another switch has it, which is as good.
func (h *hold) take(ctx context.Context, l Ledger, e *laneEntry) error {
	if strings.HasPrefix(e.Owner, holder) {
		return nil
	}
	next := e.Checkpoint
	next.Owner, next.Epoch, next.Updated = h.owner, next.Epoch+1, time.Now().UTC()
	return l.Apply(ctx, Change{Expect: []Entry{{e.Key, e.Value}}, Put: []Entry{{e.Key, encode(next)}}})
}

func (h *hold) mine(e *laneEntry) bool { return h.owner != "" && e.Owner == h.owner }

// free is the entry of a lane that nobody has.
func free(e *laneEntry) Entry {
	next := e.Checkpoint
	next.Owner, next.Epoch, next.Updated = "", next.Epoch+1, time.Now().UTC()
	return Entry{e.Key, encode(next)}
}

// letGo frees the lanes that the hold has.
func (h *hold) letGo(ctx context.Context, l Ledger, lanes []laneEntry) error {
	var all error
	for i := range lanes {
		if !h.mine(&lanes[i]) {
			continue
		}
		err := l.Apply(ctx, Change{Expect: []Entry{{lanes[i].Key, lanes[i].Value}}, Put: []Entry{free(&lanes[i])}})
		if err != nil && !errors.Is(err, ErrMoved) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// release frees what is held when a switch ends, also if its context has ended. It
// need not succeed: the lanes' runners take them back after their lease.
func (s *shift) release(ctx context.Context) {
	if s.hold.since.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mostHeld)
	defer cancel()
	d, _, err := loadDeployment(ctx, s.publisher, s.place)
	if err != nil {
		return
	}
	for _, b := range d.Builds {
		if lanes, err := loadCheckpoints(ctx, s.publisher, s.place, b.Build); err == nil {
			_ = s.hold.letGo(ctx, s.publisher, lanes) // see above
		}
	}
}
