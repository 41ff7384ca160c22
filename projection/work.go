package projection

import (
	"context"
	"errors"
	"sync"

	"github.com/cairndb/cairn"
)

// A work is one build at work: a reader that reads the log once, and lanes that
// apply what it hands them.
type work[Tx any] struct {
	*runner[Tx]
	build Definition
	names Names
	lanes []*lane[Tx]

	mu        sync.Mutex
	joining   []*lane[Tx] // lanes that the reader is to begin to serve
	interrupt context.CancelCauseFunc
	restart   chan struct{}
	front     cairn.Position // what level was last told, plus one
}

var errRestart = errors.New("a lane joins")

// begun takes all lanes of a build.
func (r *runner[Tx]) begun(ctx context.Context, b Definition) (*work[Tx], error) {
	w := &work[Tx]{runner: r, build: b, names: b.names(), restart: make(chan struct{}, 1)}
	for n := range b.Lanes {
		w.lanes = append(w.lanes, w.newLane(n))
	}
	return w, r.persist(ctx, func(ctx context.Context) error { return w.takeAll(ctx) })
}

// run works until ctx ends or something fails.
func (w *work[Tx]) run(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var wg sync.WaitGroup
	work := func(do func(ctx context.Context) error) {
		wg.Go(func() {
			if err := do(ctx); err != nil {
				end(err)
			}
		})
	}
	work(w.read)
	work(w.listen)
	for _, l := range w.lanes {
		w.join(l)
		work(l.run)
	}
	wg.Wait()
	w.release(ctx)
	return context.Cause(ctx)
}

// join has the reader serve a lane, from its checkpoint on. The lane waits until
// it does.
func (w *work[Tx]) join(l *lane[Tx]) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l.joined = make(chan struct{})
	w.joining = append(w.joining, l)
	if w.interrupt != nil {
		w.interrupt(errRestart)
	}
	signal(w.restart)
}

// leveled is told by a lane that it has come to a head.
func (w *work[Tx]) leveled() {
	if w.level == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	front := ^cairn.Position(0)
	for _, l := range w.lanes {
		shown := l.shows()
		if !shown.Level || shown.Standby {
			return
		}
		front = min(front, shown.Position)
	}
	if front+1 > w.front {
		w.front = front + 1
		w.level(front)
	}
}
