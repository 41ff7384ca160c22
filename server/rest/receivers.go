package rest

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// receivers are the groups that the server takes part in for consumers over HTTP:
// a member for each, however many requests ask it, for as long as any does.
type receivers struct {
	store cairn.Store
	most  int
	idle  time.Duration
	log   *slog.Logger
	done  <-chan struct{}

	mu      sync.Mutex
	all     map[string]*receiver
	closed  bool
	running sync.WaitGroup
}

func newReceivers(store cairn.Store, o *Options) *receivers {
	return &receivers{store: store, most: o.MaxReceivers, idle: o.ReceiverIdle, log: o.Logger, done: o.Done, all: map[string]*receiver{}}
}

// errIdle is why a receiver ends that nobody asks any more.
var errIdle = errors.New("rest: nobody has asked for a while")

// use finds the receiver of a group, or starts one with these settings, which
// must be those of one that runs. The caller lets go of it when it is done.
func (rs *receivers) use(ctx context.Context, name string, with *settings) (*receiver, error) {
	for {
		r, leaving, err := rs.join(name, with)
		if err != nil || !leaving {
			return r, err
		}
		select {
		case <-r.ended: // then there is room for another one
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// join is one try. A receiver that is leaving is to be waited for.
func (rs *receivers) join(name string, with *settings) (r *receiver, leaving bool, err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r = rs.all[name]
	switch {
	case rs.closed:
		return nil, false, cairn.ErrClosed
	case r != nil && r.leaving:
		return r, true, nil
	case r != nil && !reflect.DeepEqual(*with, r.settings):
		return nil, false, conflicting.problem("group %q is being received with other settings; give the same, or none", name)
	case r == nil && len(rs.all) >= rs.most:
		return nil, false, busy.problem("the server takes part in %d groups, which is as many as it may", rs.most)
	case r == nil:
		r = rs.start(name, *with)
	}
	r.users++
	return r, false, nil
}

// start starts a receiver. The lock is held.
func (rs *receivers) start(name string, with settings) *receiver {
	r := newReceiver(rs, name, with)
	rs.all[name] = r
	ctx, cancel := context.WithCancelCause(context.Background())
	r.cancel = cancel
	r.timer = time.AfterFunc(rs.idle, r.look)
	rs.running.Go(func() {
		defer cancel(nil)
		r.run(ctx)
		rs.mu.Lock()
		delete(rs.all, name)
		r.leaving = true
		r.timer.Stop()
		rs.mu.Unlock()
		close(r.ended)
	})
	rs.running.Go(func() {
		select {
		case <-rs.done:
			cancel(cairn.ErrClosed)
		case <-ctx.Done():
		}
	})
	return r
}

// find is the receiver of a group, if there is one; nobody has to let go of
// it.
func (rs *receivers) find(name string) *receiver {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.all[name]
}

// release lets go of a receiver.
func (r *receiver) release() {
	r.rs.mu.Lock()
	defer r.rs.mu.Unlock()
	r.users--
	r.used = time.Now()
}

// look ends a receiver that is idle, and otherwise looks again later.
func (r *receiver) look() {
	r.rs.mu.Lock()
	defer r.rs.mu.Unlock()
	if r.leaving {
		return
	}
	if left := r.rs.idle - time.Since(r.used); r.users > 0 || left > 0 || r.waits() {
		r.timer.Reset(max(left, r.rs.idle/4, time.Millisecond))
		return
	}
	r.leaving = true
	r.cancel(errIdle)
}

// close ends all receivers and waits for them.
func (rs *receivers) close() {
	rs.mu.Lock()
	rs.closed = true
	for _, r := range rs.all {
		r.cancel(cairn.ErrClosed)
	}
	rs.mu.Unlock()
	rs.running.Wait()
}
