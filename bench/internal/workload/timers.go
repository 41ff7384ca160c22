package workload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/timer"
)

// Timers is how late timers fire while many others are pending, which are due
// from two minutes on, evenly over an hour.
type Timers struct {
	Pending  int
	Rate     int           // that are due in each second
	Duration time.Duration // for so long
}

// Name is timers.
func (Timers) Name() string { return "timers" }

func (Timers) once() {}

// Measure sets them all, lets them fire, and looks at the memory.
func (w Timers) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	if spec.Name != "cairn" {
		return nil, ErrCannot
	}
	s, _, err := r.open(ctx, spec, 1)
	if err != nil {
		return nil, err
	}
	metrics, err := w.fire(ctx, s.(system.Owner).Cairn())
	return metrics, errors.Join(err, s.Close())
}

func (w Timers) fire(ctx context.Context, store cairn.Store) (Metrics, error) {
	begin, span := time.Now(), time.Hour/time.Duration(max(w.Pending, 1))
	err := setTimers(ctx, store, "pending", w.Pending, func(i int) time.Time { return begin.Add(2*time.Minute + time.Duration(i)*span) })
	if err != nil {
		return nil, err
	}
	setting := time.Since(begin)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	n := int(w.Duration.Seconds() * float64(w.Rate))
	l := &lateness{left: n, first: make(chan struct{}), last: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- timer.Run(ctx, store, timer.Options{OnFired: l.fired}) }()
	metrics, err := w.await(ctx, store, l, n, ended)
	if err != nil {
		return nil, err
	}
	cancel(errFired)
	if err := <-ended; !errors.Is(err, errFired) {
		return nil, err
	}
	metrics[P50], metrics[P99] = microseconds(l.late.Quantile(0.5)), microseconds(l.late.Quantile(0.99))
	metrics[Most] = microseconds(l.late.Quantile(1))
	metrics[Pending] = float64(w.Pending)
	metrics[EventsPerSecond] = float64(w.Pending) / setting.Seconds()
	return metrics, nil
}

var errFired = errors.New("workload: everything has fired")

// await sets the timers that are to fire, waits for them, and says what memory
// there is while the runner still runs.
func (w Timers) await(ctx context.Context, store cairn.Store, l *lateness, n int, ended <-chan error) (Metrics, error) {
	if err := setTimers(ctx, store, "first", 1, func(int) time.Time { return time.Now() }); err != nil {
		return nil, err
	}
	if err := either(ctx, l.first, ended); err != nil {
		return nil, err
	}
	start := time.Now().Add(3 * time.Second)
	if err := setTimers(ctx, store, "due", n, func(i int) time.Time { return start.Add(time.Duration(i) * time.Second / time.Duration(w.Rate)) }); err != nil {
		return nil, err
	}
	if late := time.Since(start); late > 0 {
		return nil, fmt.Errorf("setting the timers took until %v after the first was due", late)
	}
	if err := either(ctx, l.last, ended); err != nil {
		return nil, err
	}
	m, err := measure.Settled()
	return Metrics{Heap: float64(m.Heap), RSS: float64(m.RSS)}, err
}

func either(ctx context.Context, done <-chan struct{}, ended <-chan error) error {
	select {
	case <-done:
		return nil
	case err := <-ended:
		return fmt.Errorf("the runner has ended: %w", err)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// setTimers sets n timers, many with one commit.
func setTimers(ctx context.Context, store cairn.Store, name string, n int, due func(int) time.Time) error {
	var b cairn.Batch
	for i := range n {
		w, err := timer.Set(fmt.Sprint(name, "-", i), due(i), timer.Fire{
			Stream: fmt.Sprint("order-", i%10_000), Event: cairn.Event{Type: "order.reminded", Data: text[:64]},
		})
		if err != nil {
			return err
		}
		if b.Writes = append(b.Writes, w); len(b.Writes) == chunkSize || i == n-1 {
			if _, err := store.Commit(ctx, b); err != nil {
				return err
			}
			b.Writes = nil
		}
	}
	return nil
}

// A lateness notes how late timers were. The runner calls it in one goroutine.
type lateness struct {
	left        int
	late        measure.Histogram
	first, last chan struct{}
}

func (l *lateness) fired(key string, late time.Duration) {
	if key == "first-0" {
		close(l.first)
		return
	}
	l.late.Add(late)
	if l.left--; l.left == 0 {
		close(l.last)
	}
}
