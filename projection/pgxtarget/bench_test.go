package pgxtarget_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
)

const insert = ` (position, stream) VALUES ($1, $2)`

// A row for each event, queued by a handler for single ones.
func BenchmarkQueue(b *testing.B) {
	benchmark(b, projection.OnEvent(func(ctx context.Context, tx pgx.Tx, e *projection.Event) error {
		return pgxtarget.Queue(ctx, tx, e, `INSERT INTO `+e.Name("entry")+insert, int64(e.Position), e.Stream)
	}))
}

// A row for each event, waited for: how far batches alone bring one.
func BenchmarkExec(b *testing.B) {
	benchmark(b, projection.OnEvent(func(ctx context.Context, tx pgx.Tx, e *projection.Event) error {
		_, err := tx.Exec(ctx, `INSERT INTO `+e.Name("entry")+insert, int64(e.Position), e.Stream)
		return err
	}))
}

// A row for each event, loaded.
func BenchmarkCopyFrom(b *testing.B) {
	benchmark(b, projection.Handler[pgx.Tx]{Apply: func(ctx context.Context, tx pgx.Tx, events []*projection.Event) error {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{events[0].Name("entry")}, []string{"position", "stream"},
			pgx.CopyFromSlice(len(events), func(i int) ([]any, error) { return []any{int64(events[i].Position), events[i].Stream}, nil }))
		return err
	}})
}

// benchmark projects what is in a store in memory.
func benchmark(b *testing.B, h projection.Handler[pgx.Tx]) {
	d, store := newDatabase(b), filled(b, b.N)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	level := errors.New("level")
	b.ResetTimer()
	err := projection.Run(ctx, store, d.target(), projection.Projection[pgx.Tx]{
		Name: "entries", Tables: []string{"entry"}, Handler: h,
		Setup: func(ctx context.Context, tx pgx.Tx, n projection.Names) error {
			_, err := tx.Exec(ctx, `CREATE TABLE `+n.Name("entry")+` (position bigint PRIMARY KEY, stream text)`)
			return err
		},
	}, &projection.Options{Report: -1, OnApplied: func(at cairn.Position, _ int, _ time.Duration) {
		if at >= cairn.Position(b.N) {
			cancel(level)
		}
	}})
	b.StopTimer()
	if !errors.Is(err, level) {
		b.Fatal(err)
	}
	if n := d.count(`SELECT count(*) FROM entry`); n != int64(b.N) {
		b.Fatalf("of %d events there are %d rows", b.N, n)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// A row for each event, and a transaction, written by hand.
func BenchmarkByHand(b *testing.B) {
	d, store, ctx := newDatabase(b), filled(b, b.N), context.Background()
	pool := d.pool()
	d.do(`CREATE TABLE entry (position bigint PRIMARY KEY, stream text)`)
	d.do(`CREATE TABLE checkpoint AS SELECT 0::bigint AS position`)
	b.ResetTimer()
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{}) {
		if err != nil {
			b.Fatal(err)
		}
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO entry`+insert, int64(e.Position), e.Stream); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE checkpoint SET position = $1 WHERE position = $2`, int64(e.Position), int64(e.Position)-1)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// filled is a store of so many events.
func filled(b *testing.B, n int) cairn.Store {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	for first := 0; first < n; first += 1000 {
		events := make([]cairn.Event, min(1000, n-first))
		for i := range events {
			events[i] = cairn.Event{Type: "entered", Data: []byte(`{"cents":100}`)}
		}
		if _, err := store.Append(context.Background(), "account-1", cairn.Any, events...); err != nil {
			b.Fatal(err)
		}
	}
	return store
}
