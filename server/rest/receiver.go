package rest

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

const (
	// maxUnsettled is how many deliveries of a group may be unsettled.
	maxUnsettled = 1000
	// linger is how long a request that has got something waits for more.
	linger = 5 * time.Millisecond
	// mostPatience bounds how long a delivery waits for a request.
	mostPatience = 2 * time.Second
)

// A receiver takes part in a group for whoever asks.
type receiver struct {
	rs       *receivers
	name     string
	settings settings
	patience time.Duration // how long a delivery waits for a request

	out   chan *group.Delivery
	asked chan struct{} // somebody waits, or has; holds one
	ended chan struct{} // closed at the end; then err says why
	err   error

	// guarded by the lock of the receivers
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	leaving bool
	users   int
	used    time.Time

	mu   sync.Mutex
	open map[string]*group.Delivery // those that a request has got, by id
}

func newReceiver(rs *receivers, name string, with settings) *receiver {
	return &receiver{
		rs: rs, name: name, settings: with, patience: min(with.visibility()/4, mostPatience), used: time.Now(),
		out: make(chan *group.Delivery), asked: make(chan struct{}, 1), ended: make(chan struct{}), open: map[string]*group.Delivery{},
	}
}

// run takes part until ctx ends or something fails.
func (r *receiver) run(ctx context.Context) {
	o := r.settings.options()
	o.Logger = r.rs.log
	for d, err := range group.Receive(ctx, r.rs.store, r.name, o) {
		if err != nil {
			r.err = err
			return
		}
		if !r.hand(ctx, d) {
			r.err = context.Cause(ctx)
			return
		}
	}
}

// hand hands a delivery to a request. If none comes it is given back, so that it
// does not count as an attempt that nobody has made, and the next one is taken
// when somebody asks.
func (r *receiver) hand(ctx context.Context, d *group.Delivery) bool {
	wait := time.NewTimer(r.patience)
	defer wait.Stop()
	select {
	case r.out <- d:
		return true
	case <-ctx.Done():
		return false
	case <-wait.C:
	}
	_ = d.Release() // or it is delivered again because it is lost
	select {
	case <-r.asked:
		return true
	case <-ctx.Done():
		return false
	}
}

// collect waits for deliveries: for the first one as long as told, then for as
// many as come at once. What it returns is the caller's also if it fails.
func (r *receiver) collect(ctx context.Context, limit int, wait time.Duration) (all []*group.Delivery, err error) {
	select {
	case r.asked <- struct{}{}:
	default:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for bytes := 0; len(all) < limit && bytes < pageBytes; {
		select {
		case d := <-r.out:
			all = append(all, d)
			bytes += len(d.Data) + len(d.Metadata)
			timer.Reset(linger)
		case <-timer.C:
			return all, nil
		case <-ctx.Done():
			return all, ctx.Err()
		case <-r.ended:
			if len(all) == 0 {
				err = r.err
			}
			return all, err
		}
	}
	return all, nil
}

// giveBack gives deliveries back that reach nobody.
func giveBack(all []*group.Delivery) {
	for _, d := range all {
		_ = d.Release()
	}
}

// lend remembers a delivery, and the id to settle it by. Those whose time is up
// are forgotten.
func (r *receiver) lend(d *group.Delivery) (id string) {
	id = cairn.NewID().String()
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.open, late)
	r.open[id] = d
	return id
}

func late(_ string, d *group.Delivery) bool { return time.Now().After(d.Deadline) }

// take is the delivery of an id; nil if there is none.
func (r *receiver) take(id string) *group.Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.open[id]
	delete(r.open, id)
	return d
}

// waits reports whether something is still to be settled.
func (r *receiver) waits() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.open, late)
	return len(r.open) > 0
}
