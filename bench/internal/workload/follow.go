package workload

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// Follow is live delivery: one writer appends at a steady rate, all followers
// receive. The time counts from before the append to the event's arrival.
type Follow struct {
	Rate      int // events a second
	Followers int // zero is one
}

// Name is follow, or follow-FOLLOWERS.
func (f Follow) Name() string {
	if f.Followers > 1 {
		return fmt.Sprint("follow-", f.Followers)
	}
	return "follow"
}

// Measure follows a new store.
func (f Follow) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	if spec.Hollow {
		return nil, ErrCannot
	}
	s, _, err := r.open(ctx, spec, 1)
	if err != nil {
		return nil, err
	}
	follower, ok := s.(system.Follower)
	if !ok {
		return nil, errors.Join(ErrCannot, s.Close())
	}
	metrics, err := f.pair(ctx, s, follower, r.Duration)
	return metrics, errors.Join(err, s.Close())
}

// deliveries is how long the last events may take to arrive.
const deliveries = 10 * time.Second

// pair runs the followers and a writer, and waits for all.
func (f Follow) pair(ctx context.Context, s system.System, follower system.Follower, d time.Duration) (Metrics, error) {
	ctx, cancel := context.WithTimeout(ctx, d*2+deliveries)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	following, stop := context.WithCancel(ctx)
	defer stop()
	begun := make([]atomic.Int64, max(int(d.Seconds()*float64(f.Rate)), 1))
	boxes := make([]*inbox, max(f.Followers, 1))
	for i := range boxes {
		in := &inbox{begun: begun, ready: make(chan struct{}), full: make(chan struct{})}
		boxes[i] = in
		group.Go(func() error { return follower.Follow(following, func() { close(in.ready) }, in.receive) })
	}
	var appended measure.Histogram
	group.Go(func() error {
		defer stop()
		return f.deliver(ctx, s, begun, boxes, &appended)
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var latency measure.Histogram
	for _, in := range boxes {
		latency.Merge(&in.latency)
	}
	p50, own := microseconds(latency.Quantile(0.50)), microseconds(appended.Quantile(0.50))
	return Metrics{P50: p50, P99: microseconds(latency.Quantile(0.99)), AppendP50: own, Behind: p50 - own}, nil
}

// deliver appends once all followers are ready, and waits until they have all.
func (f Follow) deliver(ctx context.Context, s system.System, begun []atomic.Int64, boxes []*inbox, appended *measure.Histogram) error {
	for _, in := range boxes {
		if err := wait(ctx, in.ready); err != nil {
			return err
		}
	}
	if err := f.write(ctx, s, begun, appended); err != nil {
		return err
	}
	for _, in := range boxes {
		if err := wait(ctx, in.full); err != nil {
			return err
		}
	}
	return nil
}

// An inbox times what a follower receives.
type inbox struct {
	begun       []atomic.Int64 // when the append of each event began
	ready, full chan struct{}

	received int // the follower's alone, as is latency
	latency  measure.Histogram
}

func (in *inbox) receive() {
	if in.received == len(in.begun) {
		return
	}
	in.latency.Add(time.Duration(time.Now().UnixNano() - in.begun[in.received].Load()))
	if in.received++; in.received == len(in.begun) {
		close(in.full)
	}
}

// write appends the events at the rate.
func (f Follow) write(ctx context.Context, s system.System, begun []atomic.Int64, latency *measure.Histogram) error {
	g, events := newGenerator(1), make([]cairn.Event, 1)
	ticker := time.NewTicker(time.Second / time.Duration(f.Rate))
	defer ticker.Stop()
	for i := range begun {
		<-ticker.C
		g.fill(events)
		begin := time.Now()
		begun[i].Store(begin.UnixNano())
		if err := s.Append(ctx, "live-1", cairn.Revision(i-1), events); err != nil {
			return err
		}
		latency.Add(time.Since(begin))
	}
	return nil
}

func wait(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
