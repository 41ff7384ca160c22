package group

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// A member takes part in a group. It is made of goroutines that share a
// machine: a follower of the log, one of the group's own events, one that keeps
// the lease and claims partitions, one that commits, and those that handle.
type member struct {
	*machine
	store      Store
	names      names
	id         string
	o          Options
	definition definition
	peers      *peers
	nudged     chan struct{} // who owns what may have to change; holds one

	restart   chan struct{} // the follower must begin anew; holds one
	interrupt context.CancelCauseFunc
}

// errRestart ends a follower that must begin anew, further back.
var errRestart = errors.New("group: partitions were claimed")

// join makes a member of a group, which is created if need be.
func join(ctx context.Context, store Store, name string, o Options) (*member, error) {
	o, err := o.withDefaults(name)
	if err != nil {
		return nil, err
	}
	m := &member{
		machine: newMachine(o), store: store, names: names(name), o: o,
		id:     o.Member + "-" + cairn.NewID().String()[24:],
		nudged: make(chan struct{}, 1), restart: make(chan struct{}, 1),
	}
	m.peers = newPeers(m.id, o.Lease)
	m.definition, err = define(ctx, store, m.names, &o)
	return m, err
}

// run takes part until the context ends, or something fails. handle is run in
// as many goroutines as it is given times, and ends when the machine stops.
func (m *member) run(ctx context.Context, handlers int, handle func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patient, release := outlive(ctx, m.o.Lease)
	defer release()

	var wg sync.WaitGroup
	actor := func(run func() error) {
		wg.Go(func() {
			if err := run(); err != nil {
				cancel(err)
			}
		})
	}
	for range handlers {
		actor(func() error { return handle(ctx) })
	}
	actor(func() error { return m.followAll(ctx) })
	actor(func() error { return m.stay(ctx) })
	actor(func() error { return m.commitAll(ctx, patient) })
	<-ctx.Done()
	m.stop()
	wg.Wait()
	m.leave(patient)
	return context.Cause(ctx)
}

// outlive is a context that ends some time after another one, so that what was
// settled can still be written down.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(patient, func() { timer.Stop() })
	})
	return patient, func() { stop(); cancel() }
}

// leave writes down what is settled, lets go of everything, and says goodbye.
// What fails here is made up for by who comes next.
func (m *member) leave(ctx context.Context) {
	m.abandon()
	m.letGo(func(*partition) bool { return true })
	for range 100 {
		if err := m.round(ctx, true); err != nil {
			m.o.Logger.Warn("group: leaving without a checkpoint", "group", string(m.names), "member", m.id, "err", err)
			break
		}
		if m.owns() == 0 {
			break
		}
	}
	if err := m.beat(ctx, true); err != nil {
		m.o.Logger.Warn("group: leaving without a word", "group", string(m.names), "member", m.id, "err", err)
	}
}

// abandon gives up what nobody has settled, and partitions that were just being
// taken on.
func (m *member) abandon() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left = true
	for _, p := range m.partitions {
		p.running = 0
		if !p.loaded {
			m.forget(p)
		}
	}
}

// letGo begins to release partitions.
func (m *member) letGo(which func(*partition) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.partitions {
		if !p.releasing && which(p) {
			p.releasing = true
			m.poke()
		}
	}
}

func (m *member) owns() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.partitions)
}

// nudge has the member look anew at who should own what.
func (m *member) nudge() {
	select {
	case m.nudged <- struct{}{}:
	default:
	}
}
