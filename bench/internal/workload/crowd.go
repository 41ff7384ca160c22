package workload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// A Crowd is many followers that cost something without getting anything: idle
// ones, each of a stream that nothing is written to, or slow ones, which follow
// everything and do not receive. Writers append without them and then with them.
type Crowd struct {
	Followers int
	Slow      bool
	Writers   int
}

// Name is idle-FOLLOWERS or slow-FOLLOWERS.
func (c Crowd) Name() string {
	if c.Slow {
		return fmt.Sprint("slow-", c.Followers)
	}
	return fmt.Sprint("idle-", c.Followers)
}

// Measure appends to a new store without and with the crowd.
func (c Crowd) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	if spec.Hollow || spec.WritesOnly {
		return nil, ErrCannot
	}
	s, _, err := r.open(ctx, spec, c.Writers)
	if err != nil {
		return nil, err
	}
	host, ok := s.(system.Host)
	if !ok {
		return nil, errors.Join(ErrCannot, s.Close())
	}
	metrics, err := c.compare(ctx, r, s, host)
	return metrics, errors.Join(err, s.Close())
}

func (c Crowd) compare(ctx context.Context, r *Run, s system.System, host system.Host) (Metrics, error) {
	load := Append{Writers: c.Writers, Batch: 1}
	if _, err := load.drive(ctx, s, "warm", r.Warmup); err != nil {
		return nil, err
	}
	alone, err := load.drive(ctx, s, "alone", r.Duration)
	if err != nil {
		return nil, err
	}
	metrics, leave, err := c.gather(ctx, host)
	if err != nil {
		return nil, err
	}
	beside, err := load.drive(ctx, s, "beside", r.Duration)
	leave()
	if err != nil {
		return nil, err
	}
	metrics[EventsPerSecond] = float64(beside.events) / beside.elapsed.Seconds()
	metrics[EventsAlone] = float64(alone.events) / alone.elapsed.Seconds()
	metrics[P99], metrics[P99Alone] = microseconds(beside.latency.Quantile(0.99)), microseconds(alone.latency.Quantile(0.99))
	return metrics, nil
}

// calm is for how long the crowd alone is looked at.
const calm = 2 * time.Second

// gather lets the crowd come, and says what it costs while nothing happens.
func (c Crowd) gather(ctx context.Context, host system.Host) (Metrics, func(), error) {
	before, err := host.Resident()
	if err != nil {
		return nil, nil, err
	}
	leave, err := host.Crowd(ctx, c.Followers, c.Slow)
	if err != nil {
		return nil, nil, err
	}
	begin, err := host.CPU(ctx)
	if err != nil {
		return nil, leave, err
	}
	if err := measure.Pause(ctx, calm); err != nil {
		return nil, leave, err
	}
	end, err := host.CPU(ctx)
	if err != nil {
		return nil, leave, err
	}
	after, err := host.Resident()
	return Metrics{
		MemoryEach: float64(after-before) / float64(c.Followers),
		IdleCPU:    (end - begin).Seconds() / calm.Seconds(),
	}, leave, err
}
