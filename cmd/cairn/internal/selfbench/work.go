package selfbench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
)

// rareEvery is how many events there are for one of the rare type.
const rareEvery = 10_000

const (
	usual = "bench.usual"
	rare  = "bench.rare"
	seen  = "bench.followed"
)

// body is the data of every event: 256 bytes of JSON.
var body = []byte(`{"text":"` + strings.Repeat("cairn ", 41) + `"}`)

// A sample is what a work has done.
type sample struct {
	events int64
	times  histogram
}

// appendWith has writers append to a stream each, so many events at a time,
// each append expecting the revision that the one before returned.
func appendWith(writers, events int) func(context.Context, cairn.Store, time.Duration) (sample, error) {
	return func(ctx context.Context, s cairn.Store, d time.Duration) (sample, error) {
		samples := make([]sample, writers)
		end := time.Now().Add(d)
		group, ctx := errgroup.WithContext(ctx)
		for i := range writers {
			group.Go(func() error {
				stream := fmt.Sprintf("bench%dx%d-%d", writers, events, i)
				return samples[i].write(ctx, s, stream, events, end)
			})
		}
		err := group.Wait()
		var all sample
		for i := range samples {
			all.events += samples[i].events
			all.times.merge(&samples[i].times)
		}
		return all, err
	}
}

func (a *sample) write(ctx context.Context, s cairn.Appender, stream string, events int, end time.Time) error {
	at := cairn.NoStream
	batch := make([]cairn.Event, events)
	for start := time.Now(); start.Before(end); {
		for i := range batch {
			batch[i] = cairn.Event{Type: kind(a.events + int64(i)), Data: body}
		}
		r, err := s.Append(ctx, stream, at, batch...)
		if err != nil {
			return err
		}
		at = r.Revision
		a.events += int64(events)
		now := time.Now()
		a.times.add(now.Sub(start))
		start = now
	}
	return nil
}

func kind(n int64) string {
	if n%rareEvery == rareEvery-1 {
		return rare
	}
	return usual
}

// readAll reads everything, again and again.
func readAll(ctx context.Context, s cairn.Store, d time.Duration) (sample, error) {
	return readAgain(ctx, s, d, nil)
}

// readRare reads the few events that match, again and again.
func readRare(ctx context.Context, s cairn.Store, d time.Duration) (sample, error) {
	return readAgain(ctx, s, d, cairn.ByType(rare))
}

// readAgain counts a last read that is cut short as events, not as a read,
// unless it is the only one.
func readAgain(ctx context.Context, s cairn.LogReader, d time.Duration, q cairn.Query) (all sample, err error) {
	for began := time.Now(); time.Since(began) < d; {
		start := time.Now()
		for _, err := range s.ReadAll(ctx, cairn.AllOptions{Query: q}) {
			if err != nil {
				return all, err
			}
			all.events++
			if all.events%4096 == 0 && all.times.n > 0 && time.Since(began) > d {
				return all, nil
			}
		}
		all.times.add(time.Since(start))
	}
	return all, nil
}

// errEnough ends the follower.
var errEnough = errors.New("enough")

// follow appends events one after the other, each when the one before has
// reached a follower.
func follow(ctx context.Context, s cairn.Store, d time.Duration) (all sample, err error) {
	info, err := s.Info(ctx)
	if err != nil {
		return all, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	arrived := make(chan time.Time)
	group, gctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		for _, err := range s.ReadAll(gctx, cairn.AllOptions{After: info.Head, Follow: true}) {
			if err != nil {
				return err
			}
			select {
			case arrived <- time.Now():
			case <-gctx.Done():
			}
		}
		return nil
	})
	group.Go(func() error {
		defer stop(errEnough)
		return all.send(gctx, s, d, arrived)
	})
	if err := group.Wait(); !errors.Is(err, errEnough) {
		return all, err
	}
	return all, nil
}

func (a *sample) send(ctx context.Context, s cairn.Appender, d time.Duration, arrived <-chan time.Time) error {
	for began := time.Now(); time.Since(began) < d; {
		start := time.Now()
		if _, err := s.Append(ctx, "follow-1", cairn.Any, cairn.Event{Type: seen, Data: body}); err != nil {
			return err
		}
		select {
		case at := <-arrived:
			a.times.add(at.Sub(start))
			a.events++
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
