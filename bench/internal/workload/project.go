package workload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/projection/pgxtarget"
)

// The names of the workloads that project: one row is written for each event.
const (
	ProjectCopy    = "project-copy"    // a read model is built in PostgreSQL with COPY
	ProjectMemory  = "project-memory"  // the same in memory
	ProjectLive    = "project-live"    // one statement for each event, while events are appended
	ProjectHand    = "project-hand"    // the same by hand, a transaction for each event
	ProjectLatency = "project-latency" // how long it takes from the append to the row
)

// Projects lists the workloads that project.
func Projects(live, hand, rate int) []Workload {
	return []Workload{
		Rebuild{ProjectCopy, copied},
		Rebuild{ProjectMemory, remembered},
		Live{Events: live},
		Hand{Events: hand},
		RowLatency{Rate: rate},
	}
}

// Rebuild projects everything in the loaded store, from the first event on.
type Rebuild struct {
	name string
	run  func(ctx context.Context, r *Run, store cairn.Store, events int) (time.Duration, error)
}

// Name is that of the target.
func (w Rebuild) Name() string { return w.name }

func (Rebuild) reads() {}

// Measure projects into a new read model.
func (w Rebuild) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	s, err := r.reopen(ctx, spec)
	if err != nil {
		return nil, err
	}
	events := r.loaded(spec)
	took, err := w.run(ctx, r, s.(system.Owner).Cairn(), events)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, err
	}
	return Metrics{EventsPerSecond: float64(events) / took.Seconds()}, nil
}

var errProjected = errors.New("workload: everything is projected")

// project runs a projection until the event at a position is applied, and tells of
// each transaction.
func project[Tx any](ctx context.Context, log projection.Log, target projection.Target[Tx], p projection.Projection[Tx], last cairn.Position, applied func(at cairn.Position)) (time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	begin := time.Now()
	var took time.Duration
	err := projection.Run(ctx, log, target, p, &projection.Options{Report: -1, OnApplied: func(at cairn.Position, _ int, _ time.Duration) {
		if applied != nil {
			applied(at)
		}
		if at >= last {
			took = time.Since(begin)
			cancel(errProjected)
		}
	}})
	if errors.Is(err, errProjected) {
		err = nil
	}
	return took, err
}

// copied builds a read model in PostgreSQL with COPY.
func copied(ctx context.Context, r *Run, store cairn.Store, events int) (took time.Duration, err error) {
	model, err := r.openReadModel(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, model.drop(ctx)) }()
	took, err = project(ctx, store, pgxtarget.New(model.Pool), postgresRows(projection.Handler[pgx.Tx]{Apply: copyRows}), cairn.Position(events), nil)
	if err != nil {
		return 0, err
	}
	return took, model.complete(ctx, "entry", events)
}

// copyRows writes a row for each event with COPY.
func copyRows(ctx context.Context, tx pgx.Tx, events []*projection.Event) error {
	row := make([]any, 4)
	_, err := tx.CopyFrom(ctx, pgx.Identifier{events[0].Name("entry")}, []string{"position", "stream", "revision", "size"},
		pgx.CopyFromSlice(len(events), func(i int) ([]any, error) {
			e := events[i]
			row[0], row[1], row[2], row[3] = int64(e.Position), e.Stream, int64(e.Revision), int32(len(e.Data))
			return row, nil
		}))
	return err
}

// complete makes sure that there is a row for each event.
func (m *readModel) complete(ctx context.Context, table string, events int) error {
	n, err := m.rows(ctx, table)
	if err == nil && n != events {
		err = fmt.Errorf("of %d events there are %d rows", events, n)
	}
	return err
}

// A memoryRow is what memory holds of an event.
type memoryRow struct {
	stream   string
	revision cairn.Revision
	size     int
}

// remembered builds a read model in memory.
func remembered(ctx context.Context, _ *Run, store cairn.Store, events int) (time.Duration, error) {
	target := memtarget.New()
	return project(ctx, store, target, projection.Projection[*memtarget.Tx]{
		Name: "rows", Tables: []string{"entry"},
		Handler: projection.OnEvent(func(_ context.Context, tx *memtarget.Tx, e *projection.Event) error {
			tx.Set(e.Name("entry"), fmt.Sprint(uint64(e.Position)), memoryRow{e.Stream, e.Revision, len(e.Data)})
			return nil
		}),
	}, cairn.Position(events), nil)
}
