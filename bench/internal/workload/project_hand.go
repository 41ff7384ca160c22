package workload

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/system"
)

// Hand is what one would write by hand: follow the log, and for each event begin a
// transaction, write the row, move the checkpoint if it stands where it should, and
// commit.
type Hand struct{ Events int }

// Name is project-hand.
func (Hand) Name() string { return ProjectHand }

func (Hand) reads() {}

// Measure projects the beginning of the loaded store.
func (w Hand) Measure(ctx context.Context, r *Run, spec system.Spec) (m Metrics, err error) {
	model, err := r.openReadModel(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, model.drop(ctx)) }()
	if _, err := model.Exec(ctx, "CREATE TABLE entry"+rowColumns+"; CREATE TABLE checkpoint (position bigint); INSERT INTO checkpoint VALUES (0)"); err != nil {
		return nil, err
	}
	s, err := r.reopen(ctx, spec)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	events := min(w.Events, r.loaded(spec))
	begin := time.Now()
	if err := w.apply(ctx, s.(system.Owner).Cairn(), model, events); err != nil {
		return nil, err
	}
	took := time.Since(begin)
	return Metrics{EventsPerSecond: float64(events) / took.Seconds()}, model.complete(ctx, "entry", events)
}

func (w Hand) apply(ctx context.Context, store cairn.Store, model *readModel, events int) error {
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Follow: true}) {
		if err != nil {
			return err
		}
		if err := pgx.BeginFunc(ctx, model, func(tx pgx.Tx) error { return byHand(ctx, tx, &e) }); err != nil {
			return err
		}
		if int(e.Position) == events {
			return nil
		}
	}
	return nil
}

func byHand(ctx context.Context, tx pgx.Tx, e *cairn.Recorded) error {
	_, err := tx.Exec(ctx, "INSERT INTO entry VALUES ($1, $2, $3, $4)", int64(e.Position), e.Stream, int64(e.Revision), int32(len(e.Data)))
	if err != nil {
		return err
	}
	moved, err := tx.Exec(ctx, "UPDATE checkpoint SET position = $1 WHERE position = $2", int64(e.Position), int64(e.Position)-1)
	if err == nil && moved.RowsAffected() != 1 {
		err = errors.New("workload: somebody else has moved the checkpoint")
	}
	return err
}
