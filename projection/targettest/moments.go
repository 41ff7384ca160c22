package targettest

import (
	"context"
	"errors"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn/projection"
)

// together runs n goroutines, which start at once, and returns when all have
// ended. Their errors end the check.
func (k *kit[Tx]) together(n int, run func(i int) error) {
	k.Helper()
	errs := make([]error, n)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			errs[i] = run(i)
		})
	}
	close(start)
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		k.Fatal(err)
	}
}

// whileLooking runs do, and look again and again beside it until it has ended. An
// error of look fails the check.
func (k *kit[Tx]) whileLooking(look func() error, do func()) {
	k.Helper()
	stop, looked := make(chan struct{}), make(chan error, 1)
	first := make(chan struct{})
	go func() {
		err := look()
		close(first)
		for err == nil {
			select {
			case <-stop:
				looked <- nil
				return
			default:
				err = look()
			}
		}
		looked <- err
	}()
	defer func() {
		close(stop)
		if err := <-looked; err != nil {
			k.Error(err)
		}
	}()
	<-first
	do()
}

// rounds counts to n, or less far where that would take long: what is looked for
// shows by chance, and the more often it is tried the better.
func (k *kit[Tx]) rounds(n int) iter.Seq[int] {
	const least, long = 20, 3 * time.Second / 2
	if testing.Short() {
		n = max(n/10, least)
	}
	return func(yield func(int) bool) {
		begun := time.Now()
		for i := range n {
			if i >= least && time.Since(begun) > long || !yield(i) {
				return
			}
		}
	}
}

// aWhile waits for what may be waiting for us.
func (k *kit[Tx]) aWhile(done <-chan struct{}) {
	timer := time.NewTimer(100 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-k.ctx.Done():
	}
}

// once runs a function the first time, and what it has done besides writing is not
// done again if the target runs it again: then it fails.
func once[Tx any](fn func(ctx context.Context, tx Tx) error) func(ctx context.Context, tx Tx) error {
	ran := false
	return func(ctx context.Context, tx Tx) error {
		if ran {
			return errAgain
		}
		ran = true
		return fn(ctx, tx)
	}
}

// errAgain ends a function that was run a second time.
var errAgain = errors.New("targettest: this function is for one time only")

// insist makes an update, again as long as it loses against another one.
func (k *kit[Tx]) insist(t projection.Target[Tx], c projection.Change, fn func(ctx context.Context, tx Tx) error) error {
	for {
		err := t.Update(k.ctx, c, fn)
		if err == nil || errors.Is(err, projection.ErrMoved) || k.ctx.Err() != nil || t.Fault(err) != projection.FaultAgain {
			return err
		}
	}
}

// A met is a moment that one goroutine comes to and others wait for.
type met struct {
	once sync.Once
	end  sync.Once
	done chan struct{}
}

func (m *met) told() <-chan struct{} {
	m.once.Do(func() { m.done = make(chan struct{}) })
	return m.done
}

func (m *met) tell() {
	m.told()
	m.end.Do(func() { close(m.done) })
}
