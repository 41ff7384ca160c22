package workload

import (
	"context"
	"errors"
	"time"

	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// A clock reads the processor time used so far: by this process and by those
// of a system. If those cannot be seen, being in a container or on another
// machine, the sum is unknown.
type clock struct {
	own, theirs time.Duration
	known       bool
}

func readClock(ctx context.Context, s system.System) (c clock, err error) {
	c.theirs, c.known = foreign(ctx, s)
	c.own, err = measure.CPU()
	return c, err
}

func foreign(ctx context.Context, s system.System) (time.Duration, bool) {
	a, ok := s.(system.Accountant)
	if !ok {
		return 0, true
	}
	cpu, err := a.CPU(ctx)
	return cpu, err == nil
}

// cpu notes the processor time of each event between two readings.
func (m Metrics) cpu(begin, end clock, events float64) {
	if begin.known && end.known {
		m[CPU] = microseconds(end.own+end.theirs-begin.own-begin.theirs) / events
		m[ServerCPU] = microseconds(end.theirs-begin.theirs) / events
	}
}

// A meter says what appends have cost up to and with a clean close, so that
// nothing put off escapes it.
type meter struct {
	dir     string
	begin   clock
	log     int64 // bytes of frames
	written int64 // bytes by the device; negative if it does not count them
}

func startMeter(ctx context.Context, s system.System, dir string) (m meter, err error) {
	m.dir, m.written = dir, flushed(dir)
	if m.log, err = logBytes(ctx, s); err != nil {
		return m, err
	}
	m.begin, err = readClock(ctx, s)
	return m, err
}

func flushed(dir string) int64 {
	n, err := measure.Flushed(dir)
	if err != nil {
		return -1
	}
	return n
}

func logBytes(ctx context.Context, s system.System) (int64, error) {
	if l, ok := s.(system.LogSizer); ok {
		return l.LogBytes(ctx)
	}
	return 0, nil
}

// stop closes the system.
func (m meter) stop(ctx context.Context, s system.System, events int64) (Metrics, error) {
	var end clock
	end.theirs, end.known = foreign(ctx, s)
	log, err := logBytes(ctx, s)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, err
	}
	if end.own, err = measure.CPU(); err != nil {
		return nil, err
	}
	metrics := Metrics{}
	metrics.cpu(m.begin, end, float64(events))
	if now := flushed(m.dir); m.written >= 0 && now >= 0 {
		metrics.wrote(now-m.written, events, log-m.log)
	}
	return metrics, nil
}

func (m Metrics) wrote(bytes, events, log int64) {
	m[Written] = float64(bytes) / float64(events)
	if log > 0 {
		m[WrittenPerLog] = float64(bytes) / float64(log)
	}
}
