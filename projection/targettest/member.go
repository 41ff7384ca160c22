package targettest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// errRetired is why a runner ends.
var errRetired = errors.New("targettest: retired")

// A member is one of the runners of a projection, as a process of its own would be.
type member struct {
	stop context.CancelCauseFunc
	done chan error
}

// eager are options for tests: little is waited for.
func eager() *projection.Options {
	return &projection.Options{
		MaxBatch: 16, Lease: 200 * time.Millisecond, Attempts: 3, Report: -1,
		Backoff: func(int) time.Duration { return time.Millisecond },
	}
}

// join starts a runner.
func (k *kit[Tx]) join(t projection.Target[Tx], p projection.Projection[Tx], o *projection.Options) *member {
	ctx, stop := context.WithCancelCause(k.ctx)
	m := &member{stop: stop, done: make(chan error, 1)}
	go func() { m.done <- projection.Run(ctx, k.log, t, p, o) }()
	k.members = append(k.members, m)
	return m
}

// retire ends a runner, which may be in the middle of something.
func (k *kit[Tx]) retire(m *member) {
	k.Helper()
	m.stop(errRetired)
	if err := <-m.done; !errors.Is(err, errRetired) {
		k.Errorf("a runner ended with: %v", err)
	}
	k.forget(m)
}

// failed waits for a runner to end by itself.
func (k *kit[Tx]) failed(m *member) error {
	k.Helper()
	defer k.forget(m)
	select {
	case err := <-m.done:
		return err
	case <-k.ctx.Done():
		k.Fatal("a runner that should have ended did not")
		return nil
	}
}

func (k *kit[Tx]) forget(m *member) {
	for i, o := range k.members {
		if o == m {
			k.members = append(k.members[:i], k.members[i+1:]...)
			return
		}
	}
}

// dismiss ends all runners.
func (k *kit[Tx]) dismiss() {
	for _, m := range k.members {
		m.stop(errRetired)
	}
	for _, m := range k.members {
		<-m.done
	}
}

// A shaken target now and then fails, before it has done anything or after it has
// done all.
type shaken[Tx any] struct {
	projection.Target[Tx]
	again, down int // one in so many; zero is never
}

// The errors that are thrown in.
var (
	errThrownAgain = errors.New("targettest: thrown in: try again")
	errThrownDown  = errors.New("targettest: thrown in: the connection was lost")
)

// Update implements [projection.Target].
func (s shaken[Tx]) Update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx Tx) error) error {
	if oneIn(s.again) {
		return errThrownAgain
	}
	if oneIn(s.down) {
		return errThrownDown
	}
	if err := s.Target.Update(ctx, c, fn); err != nil || !oneIn(s.down) {
		return err
	}
	return errThrownDown
}

func oneIn(n int) bool { return n > 0 && rand.IntN(n) == 0 }

// Fault implements [projection.Ledger].
func (s shaken[Tx]) Fault(err error) projection.Fault {
	switch {
	case errors.Is(err, errThrownAgain):
		return projection.FaultAgain
	case errors.Is(err, errThrownDown):
		return projection.FaultDown
	}
	return s.Target.Fault(err)
}

// A shakenPublisher is one that can publish.
type shakenPublisher[Tx any] struct {
	shaken[Tx]
	projection.Publisher
}

// Entries and the others are the same by both ways.
func (s shakenPublisher[Tx]) Entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	return s.Target.Entries(ctx, prefix)
}

// Apply implements [projection.Ledger].
func (s shakenPublisher[Tx]) Apply(ctx context.Context, c projection.Change) error {
	return s.Target.Apply(ctx, c)
}

// Fault implements [projection.Ledger].
func (s shakenPublisher[Tx]) Fault(err error) projection.Fault { return s.shaken.Fault(err) }

// Traits implements [projection.Ledger].
func (s shakenPublisher[Tx]) Traits() projection.Traits { return s.Target.Traits() }

// shake makes a target fail now and then.
func shake[Tx any](t projection.Target[Tx], again, down int) projection.Target[Tx] {
	s := shaken[Tx]{t, again, down}
	if p, ok := t.(projection.Publisher); ok {
		return shakenPublisher[Tx]{s, p}
	}
	return s
}

// stumble fails a handler now and then, in all ways that handlers have.
type stumble struct {
	mu    sync.Mutex
	tried map[cairn.Position]int
}

// before fails some events the first time, and panics on some.
func (s *stumble) before(e *projection.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tried[e.Position]++; s.tried[e.Position] > 1 {
		return nil
	}
	switch rand.IntN(20) {
	case 0:
		return errEnough
	case 1:
		panic(errEnough)
	}
	return nil
}
