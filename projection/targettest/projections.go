package targettest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// RunProjections runs whole projections into a target, with what goes wrong in a
// long life: errors, kills, runners that compete and runners that stand still. In
// the end each event has had its effect once. The stores are opened empty by
// store, and closed by the kit.
func RunProjections[Tx any](t *testing.T, open func(t testing.TB) Subject[Tx], store func(t testing.TB) cairn.Store) {
	for _, c := range projectionChecks[Tx]() {
		t.Run(c.name, func(t *testing.T) { c.playOver(t, open(t), store(t), patience) })
	}
}

func projectionChecks[Tx any]() []check[Tx] {
	return []check[Tx]{
		{name: "Projections/Counter", run: counter[Tx]},
		{name: "Projections/Lanes", run: counterInLanes[Tx]},
		{name: "Projections/PausedRunner", run: pausedRunner[Tx]},
		{name: "Projections/Stop", run: stopping[Tx]},
		{name: "Projections/Park", run: parking[Tx]},
		{name: "Projections/Skip", run: skipping[Tx]},
		{name: "Projections/Retry", run: retrying[Tx]},
	}
}

// playOver runs the check over a store.
func (c check[Tx]) playOver(t testing.TB, s Subject[Tx], store cairn.Store, patience time.Duration) {
	defer func() {
		if err := store.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	}()
	inner := c.run
	c.run = func(k *kit[Tx]) {
		k.log, k.put = store, map[string]int64{}
		defer k.dismiss()
		inner(k)
	}
	c.play(t, s, patience)
}

// feed appends n events to streams at random.
func (k *kit[Tx]) feed(n, streams int) {
	k.Helper()
	for range n {
		k.append(fmt.Sprintf("in-%d", rand.IntN(streams)))
	}
}

func (k *kit[Tx]) append(stream string) {
	k.Helper()
	if _, err := k.log.Append(k.ctx, stream, cairn.Any, cairn.Event{Type: "came"}); err != nil {
		k.Fatal(err)
	}
	k.put[stream]++
}

// projection is one that counts the events of each stream: by adding where the
// target can do that, or else by the revision.
func (k *kit[Tx]) projection(name string, before func(e *projection.Event) error) projection.Projection[Tx] {
	p := projection.Projection[Tx]{
		Name:  name,
		Query: cairn.ByCategory("in"),
		Setup: func(ctx context.Context, tx Tx, n projection.Names) error { return k.setUp(ctx, tx, n.Name(table)) },
		Handler: projection.OnEvent(func(ctx context.Context, tx Tx, e *projection.Event) error {
			if before != nil {
				if err := before(e); err != nil {
					return err
				}
			}
			return k.count(ctx, tx, e)
		}),
	}
	if _, ok := k.Target.(projection.Publisher); ok {
		p.Tables = []string{table}
	}
	return p
}

// count is the effect of an event.
func (k *kit[Tx]) count(ctx context.Context, tx Tx, e *projection.Event) error {
	r := Row{Table: e.Name(table), Key: e.Stream, N: int64(e.Revision) + 1, At: e.Position}
	if k.Add == nil {
		return k.Put(ctx, tx, r)
	}
	last := r
	last.Key, r.N = "last of "+e.Stream, 1
	return errors.Join(k.Put(ctx, tx, last), k.Add(ctx, tx, r))
}

// counted is what the table must hold in the end.
func (k *kit[Tx]) counted() map[string]int64 {
	want := maps.Clone(k.put)
	if k.Add != nil {
		for stream, n := range k.put {
			want["last of "+stream] = n
		}
	}
	return want
}

// awaitRows waits until the table holds what it must, and no row too much.
func (k *kit[Tx]) awaitRows(want map[string]int64) {
	k.Helper()
	for {
		got, err := k.Rows(k.ctx, table)
		if err == nil && maps.Equal(got[0], want) {
			return
		}
		if k.ctx.Err() != nil {
			k.Fatalf("%s holds %v (%v), want %v", table, got, err, want)
		}
		for key, n := range tableOf(got) {
			if n > want[key] {
				k.Fatalf("%s holds %s = %d, want %d", table, key, n, want[key])
			}
		}
		k.pause()
	}
}

func tableOf(got []map[string]int64) map[string]int64 {
	if len(got) == 0 {
		return nil
	}
	return got[0]
}

// pause lets runners work a little before somebody looks again.
func (k *kit[Tx]) pause() {
	timer := time.NewTimer(5 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-k.ctx.Done():
	}
}
