package vitals

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
)

const (
	// Kept is how many samples are kept: a quarter of an hour of them.
	Kept = 900

	// often and seldom bound the time from one sample to the next.
	often, seldom = time.Second, 5 * time.Second

	// idle is how many times longer is waited than looking took, so that no more
	// than half of a percent of a core goes into it.
	idle = 200
)

// A Source says where the head of a log is.
type Source interface {
	Info(ctx context.Context) (cairn.Info, error)
}

// A Recorder keeps the samples of the last minutes. Its methods may be called
// concurrently.
type Recorder struct {
	store   Source
	metrics prometheus.Gatherer // nil if there are none

	mu    sync.Mutex
	ring  []Sample
	next  int // where the next goes, once as many are there as are kept
	added chan struct{}
}

// New makes a recorder of a store and of the metrics of its server, which may be
// nil: then only the head, and what is written, are known.
func New(store Source, metrics prometheus.Gatherer) *Recorder {
	return &Recorder{store: store, metrics: metrics, added: make(chan struct{})}
}

// Run takes a sample a second until ctx ends. If looking takes long, as it does
// where there are very many readers and groups, samples are up to five seconds
// apart.
func (r *Recorder) Run(ctx context.Context) {
	before, took := r.look(ctx)
	t := time.NewTimer(pause(took))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		after, took := r.look(ctx)
		if ctx.Err() != nil {
			return
		}
		r.add(between(&before, &after))
		before = after
		t.Reset(pause(took))
	}
}

// pause is how long is waited after looking has taken so long.
func pause(took time.Duration) time.Duration {
	return min(max(idle*took, often), seldom)
}

// look asks the store and the metrics. What cannot be had is not known.
func (r *Recorder) look(ctx context.Context) (_ reading, took time.Duration) {
	at := unknown(time.Now())
	if info, err := r.store.Info(ctx); err == nil {
		at.totals[Head] = float64(info.Head)
	}
	if r.metrics != nil {
		families, _ := r.metrics.Gather() // with an error come those that could be had
		at.read(families)
	}
	return at, time.Since(at.at)
}

func (r *Recorder) add(s Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ring) < Kept {
		r.ring = append(r.ring, s)
	} else {
		r.ring[r.next] = s
		r.next = (r.next + 1) % Kept
	}
	close(r.added)
	r.added = make(chan struct{})
}

// Since are the samples after a moment, oldest first, and a channel that is closed
// as soon as there is another.
func (r *Recorder) Since(t time.Time) (samples []Sample, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.ring {
		if s := &r.ring[(r.next+i)%len(r.ring)]; s.At.UnixMilli() > t.UnixMilli() {
			samples = append(samples, *s)
		}
	}
	return samples, r.added
}

// Latest is the last sample; one in which nothing is known before there is any.
func (r *Recorder) Latest() Sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ring) == 0 {
		return Sample{Of: unknown(time.Time{}).totals}
	}
	return r.ring[(r.next+len(r.ring)-1)%len(r.ring)]
}

// HeadAt is where the head was at a moment, or at the first after it that is
// known, and when that was. It is zero if nothing is.
func (r *Recorder) HeadAt(t time.Time) (cairn.Position, time.Time) {
	samples, _ := r.Since(t.Add(-seldom))
	for i := range samples {
		last := i == len(samples)-1 || samples[i+1].At.After(t)
		if v, ok := samples[i].Known(Head); ok && last {
			return cairn.Position(math.Max(v, 0)), samples[i].At
		}
	}
	return 0, time.Time{}
}
