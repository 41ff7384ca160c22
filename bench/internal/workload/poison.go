package workload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/group"
)

// Poison is a group under a constant load, with and without one key whose
// events cannot be handled: they are tried again, and then parked. One event in a
// hundred is that key's. The lag of the others is measured, from when an event
// was to be appended until it is settled.
type Poison struct {
	Keys, Members int
	Rate          int // events a second
	Duration      time.Duration
}

// Name is poison.
func (Poison) Name() string { return "poison" }

// Measure goes without and with the poison in turns, after a short leg that does
// not count. What it reports are medians of the legs' quantiles: a disk that
// stalls for half a second spoils the p99 of the leg in which it does.
func (w Poison) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	if spec.Name != "cairn" {
		return nil, ErrCannot
	}
	s, _, err := r.open(ctx, spec, 1)
	if err != nil {
		return nil, err
	}
	metrics, err := w.legs(ctx, s.(system.Owner).Cairn())
	return metrics, errors.Join(err, s.Close())
}

func (w Poison) legs(ctx context.Context, store cairn.Store) (Metrics, error) {
	short := w
	short.Duration = min(w.Duration, poisonWarm)
	if err := short.leg(ctx, store, "warm", true, new(measure.Histogram)); err != nil {
		return nil, err
	}
	p50, p99 := map[bool][]float64{}, map[bool][]float64{}
	for n, poisoned := range []bool{false, true, true, false, true, false, false, true} {
		lag := new(measure.Histogram)
		if err := w.leg(ctx, store, fmt.Sprint("leg", n), poisoned, lag); err != nil {
			return nil, err
		}
		p50[poisoned] = append(p50[poisoned], microseconds(lag.Quantile(0.5)))
		p99[poisoned] = append(p99[poisoned], microseconds(lag.Quantile(0.99)))
	}
	return Metrics{P50: middle(p50[true]), P99: middle(p99[true]), P50Alone: middle(p50[false]), P99Alone: middle(p99[false])}, nil
}

// middle is the mean of the two middle values.
func middle(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

var (
	errPoison = errors.New("workload: this one cannot be handled")
	errLegs   = errors.New("workload: the leg is over")
)

// leg is one group under load.
func (w Poison) leg(ctx context.Context, store cairn.Store, name string, poisoned bool, lag *measure.Histogram) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	bad := name + "-0"
	l := &lags{histogram: lag, bad: bad, began: make(chan struct{}), left: w.ticks() * w.perTick(), done: func() { cancel(errLegs) }}
	o := group.Options{Query: cairn.ByCategory(name), Start: group.End(), OnSettled: l.settled}
	var members errgroup.Group
	var failed atomic.Bool
	for range w.Members {
		members.Go(func() error {
			return group.Run(ctx, store, name, o, func(_ context.Context, e cairn.Recorded) error {
				if poisoned && e.Stream == bad {
					failed.Store(true)
					return errPoison
				}
				return nil
			})
		})
	}
	err := w.load(ctx, store, name, l.began)
	if err != nil {
		cancel(err)
	}
	if ended := members.Wait(); !errors.Is(ended, errLegs) {
		err = errors.Join(err, ended)
	}
	if failed.Load() != poisoned {
		err = errors.Join(err, fmt.Errorf("poisoned is %v, and the key failed is %v", poisoned, failed.Load()))
	}
	return err
}

const poisonTick = 2 * time.Millisecond

func (w Poison) ticks() int   { return int(w.Duration / poisonTick) }
func (w Poison) perTick() int { return max(int(time.Duration(w.Rate)*poisonTick/time.Second), 1) }

// load appends a few events of different keys with every tick, and now and then
// one of the bad key. The data of each says when it was due.
func (w Poison) load(ctx context.Context, store cairn.Store, name string, began <-chan struct{}) error {
	if err := w.warm(ctx, store, name, began); err != nil {
		return err
	}
	due, key := time.Now(), 0
	for tick := range w.ticks() {
		due = due.Add(poisonTick)
		if err := measure.Pause(ctx, time.Until(due)); err != nil {
			return nil // why it ended is known to the members
		}
		var b cairn.Batch
		for range w.perTick() {
			key = key%(w.Keys-1) + 1
			b.Writes = append(b.Writes, dated(name, key, due))
		}
		if tick%(100/min(w.perTick(), 100)) == 0 {
			b.Writes = append(b.Writes, dated(name, 0, due))
		}
		if _, err := store.Commit(ctx, b); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// warm waits until the members are there and have handled an event.
func (w Poison) warm(ctx context.Context, store cairn.Store, name string, began <-chan struct{}) error {
	if _, err := store.Commit(ctx, cairn.Batch{Writes: []cairn.Write{dated(name, w.Keys, time.Time{})}}); err != nil {
		return err
	}
	if err := wait(ctx, began); err != nil {
		return err
	}
	return measure.Pause(ctx, poisonWarm)
}

// poisonWarm is how long the members may take to share the partitions, and how
// long the first leg takes.
const poisonWarm = time.Second

func dated(name string, key int, due time.Time) cairn.Write {
	data, _ := due.MarshalBinary() // which fails for odd time zones only
	return cairn.Write{Stream: fmt.Sprint(name, "-", key), Expected: cairn.Any, Events: []cairn.Event{{Type: commonType, Data: data}}}
}

// lags notes how long after they were due events were settled.
type lags struct {
	mu        sync.Mutex
	histogram *measure.Histogram
	bad       string
	began     chan struct{} // closed with the first event
	left      int
	done      func()
}

func (l *lags) settled(e *cairn.Recorded, _ int) {
	var due time.Time
	if e.Stream == l.bad || due.UnmarshalBinary(e.Data) != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if due.IsZero() {
		close(l.began)
		return
	}
	l.histogram.Add(time.Since(due))
	if l.left--; l.left == 0 {
		l.done()
	}
}
