package workload

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
)

// Live is a handler for single events that keeps up with a writer, who appends a
// hundred events at a time, and no faster than they are projected.
type Live struct{ Events int }

// Name is project-live.
func (Live) Name() string { return ProjectLive }

// ahead is how many events the writer may be ahead of the rows.
const ahead = 10_000

// Measure projects a new store.
func (w Live) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	var took time.Duration
	err := r.projecting(ctx, spec, func(store cairn.Store, model *readModel) error {
		var at atomic.Int64
		moved := make(chan struct{}, 1)
		group, both := errgroup.WithContext(ctx)
		group.Go(func() error { return w.write(both, store, &at, moved) })
		group.Go(func() (err error) {
			took, err = project(both, store, pgxtarget.New(model.Pool), postgresRows(queued()), cairn.Position(w.Events), func(p cairn.Position) {
				at.Store(int64(p))
				select {
				case moved <- struct{}{}:
				default:
				}
			})
			return err
		})
		if err := group.Wait(); err != nil {
			return err
		}
		return model.complete(ctx, "entry", w.Events)
	})
	return Metrics{EventsPerSecond: float64(w.Events) / took.Seconds()}, err
}

// queued writes a row for each event with a statement of its own.
func queued() projection.Handler[pgx.Tx] {
	return projection.OnEvent(func(ctx context.Context, tx pgx.Tx, e *projection.Event) error {
		return pgxtarget.Queue(ctx, tx, e, "INSERT INTO "+e.Name("entry")+" VALUES ($1, $2, $3, $4)",
			int64(e.Position), e.Stream, int64(e.Revision), int32(len(e.Data)))
	})
}

// write appends, and waits where it is too far ahead.
func (w Live) write(ctx context.Context, store cairn.Store, at *atomic.Int64, moved <-chan struct{}) error {
	g := newGenerator(1)
	for n := 0; n < w.Events; {
		for n-int(at.Load()) > ahead {
			if err := wait(ctx, moved); err != nil {
				return err
			}
		}
		events := make([]cairn.Event, min(100, w.Events-n))
		g.fill(events)
		if _, err := store.Append(ctx, streamName(n/100%100), cairn.Any, events...); err != nil {
			return err
		}
		n += len(events)
	}
	return nil
}

// projecting has a new store and a new read model for a measurement.
func (r *Run) projecting(ctx context.Context, spec system.Spec, measure func(cairn.Store, *readModel) error) (err error) {
	model, err := r.openReadModel(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.drop(ctx)) }()
	s, _, err := r.open(ctx, spec, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return measure(s.(system.Owner).Cairn(), model)
}

// RowLatency is the time from before the append of an event until its row is
// committed, while one writer appends at a steady rate.
type RowLatency struct{ Rate int }

// Name is project-latency.
func (RowLatency) Name() string { return ProjectLatency }

// Measure projects a new store for as long as the settings say.
func (w RowLatency) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	begun := make([]atomic.Int64, max(int(r.Duration.Seconds()*float64(w.Rate)), 1))
	var latency, appended measure.Histogram
	err := r.projecting(ctx, spec, func(store cairn.Store, model *readModel) error {
		group, both := errgroup.WithContext(ctx)
		group.Go(func() error { return Follow{Rate: w.Rate}.write(both, system.Embedded{Store: store}, begun, &appended) })
		group.Go(func() error {
			done := 0
			_, err := project(both, store, pgxtarget.New(model.Pool), postgresRows(queued()), cairn.Position(len(begun)), func(at cairn.Position) {
				for now := time.Now().UnixNano(); done < int(at); done++ {
					latency.Add(time.Duration(now - begun[done].Load()))
				}
			})
			return err
		})
		if err := group.Wait(); err != nil {
			return err
		}
		return model.complete(ctx, "entry", len(begun))
	})
	return Metrics{
		P50: microseconds(latency.Quantile(0.5)), P99: microseconds(latency.Quantile(0.99)), Most: microseconds(latency.Quantile(1)),
		AppendP50: microseconds(appended.Quantile(0.5)),
	}, err
}
