package lane

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/cairndb/cairn/broker"
)

// ErrBehind is what a task ends with that queued up behind one of its key which
// was given back to the broker.
var ErrBehind = errors.New("lane: an earlier message of the key was given back")

// Options say how much at once and how often.
type Options struct {
	Workers  int                             // at the same time; zero means 8
	Attempts int                             // of one task; zero is no limit
	Backoff  func(attempt int) time.Duration // nil means Backoff(100 ms, 30 s)
}

// A Task is a delivery that is to be handled.
type Task struct {
	// Key is what keeps order. Tasks without one are in order with nothing.
	Key string

	// Try handles it. It is called until it returns nil or an error that matches
	// broker.ErrRejected, the attempts are spent, or the lanes' context ends.
	Try func(attempt int) error

	// Settle is told what the last attempt has returned. It returns false if the
	// task went back to the broker; then so does what waits under its key.
	Settle func(error) bool
}

// Lanes are the tasks of one subscription. Add may be called concurrently.
type Lanes struct {
	ctx     context.Context // of all attempts: lanes live no longer than one connection
	o       Options
	slots   chan struct{}
	mu      sync.Mutex
	queues  map[string][]Task // a key that is there has a goroutine
	running sync.WaitGroup
}

// New makes lanes whose attempts end with ctx.
func New(ctx context.Context, o Options) *Lanes {
	if o.Workers <= 0 {
		o.Workers = 8
	}
	if o.Backoff == nil {
		o.Backoff = Backoff(100*time.Millisecond, 30*time.Second)
	}
	return &Lanes{ctx: ctx, o: o, slots: make(chan struct{}, o.Workers), queues: map[string][]Task{}}
}

// Add queues a task and returns at once. How much is queued is bounded by how
// much the broker sends before it hears of what it has sent.
func (l *Lanes) Add(t Task) {
	if t.Key == "" {
		l.running.Go(func() { t.Settle(l.run(t)) })
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting, busy := l.queues[t.Key]
	l.queues[t.Key] = append(waiting, t)
	if !busy {
		l.running.Go(func() { l.drain(t.Key) })
	}
}

// Wait returns when all tasks are settled. Nothing must be added meanwhile.
func (l *Lanes) Wait() { l.running.Wait() }

// drain settles the tasks of a key until there are none.
func (l *Lanes) drain(key string) {
	for {
		t, more := l.next(key)
		if !more {
			return
		}
		if t.Settle(l.run(t)) {
			continue
		}
		for _, behind := range l.takeAll(key) {
			behind.Settle(ErrBehind)
		}
	}
}

func (l *Lanes) next(key string) (t Task, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.queues[key]
	if len(waiting) == 0 {
		delete(l.queues, key)
		return t, false
	}
	l.queues[key] = waiting[1:]
	return waiting[0], true
}

func (l *Lanes) takeAll(key string) []Task {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.queues[key]
	l.queues[key] = nil
	return waiting
}

// run tries a task until there is no point in going on. While it waits between
// two attempts others have its place.
func (l *Lanes) run(t Task) error {
	for attempt := 1; ; attempt++ {
		select {
		case l.slots <- struct{}{}:
		case <-l.ctx.Done():
			return context.Cause(l.ctx)
		}
		err := try(t, attempt)
		<-l.slots
		if err == nil || errors.Is(err, broker.ErrRejected) || attempt == l.o.Attempts {
			return err
		}
		if !l.rest(l.o.Backoff(attempt)) {
			return err
		}
	}
}

// try makes an error of a panic: it is one message that failed, and not all.
func try(t Task, attempt int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &broker.PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return t.Try(attempt)
}

// rest waits. It returns false if the context has ended.
func (l *Lanes) rest(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return l.ctx.Err() == nil
	case <-l.ctx.Done():
		return false
	}
}

// Backoff is a wait that doubles from first up to most, of which each time a
// random part of at least half is taken, so that those who failed together do
// not come back together.
func Backoff(first, most time.Duration) func(attempt int) time.Duration {
	return func(attempt int) time.Duration {
		d := most
		if shift := max(attempt-1, 0); shift < 30 && first<<shift < most {
			d = first << shift
		}
		return d/2 + rand.N(d/2+1)
	}
}
