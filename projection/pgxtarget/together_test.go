package pgxtarget_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// both are targets on the same database by way of different clients.
func (d *database) both() []projection.Publisher {
	other := func() *sqltarget.Target {
		db := stdlib.OpenDBFromPool(d.pool())
		d.Cleanup(func() { db.Close() })
		return sqltarget.Postgres(db)
	}
	return []projection.Publisher{d.target(), other(), d.target(mode(pgx.QueryExecModeExec)), other()}
}

// Changes of chance, made by two kinds of targets in turn, have the outcome that a
// map has.
func TestSameLedgerAsTheOtherClient(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	targets := d.both()
	model := map[string]string{}
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	rounds := 200
	if testing.Short() {
		rounds = 100
	}
	for round := range rounds {
		c := someChange(r, model)
		err := targets[r.IntN(len(targets))].Apply(within(t), c)
		if met := stands(model, c); met != (err == nil) || !met && !errors.Is(err, projection.ErrMoved) {
			t.Fatalf("seed %d, round %d: Apply(%v) where there is %v: %v", seed, round, c, model, err)
		}
		if err == nil {
			for _, e := range c.Put {
				model[e.Key] = e.Value
				if e.Value == "" {
					delete(model, e.Key)
				}
			}
		}
		prefix := []string{"", "a", "a/", "b/1"}[r.IntN(4)]
		got, err := targets[r.IntN(len(targets))].Entries(within(t), prefix)
		if err != nil || !slices.Equal(got, under(model, prefix)) {
			t.Fatalf("seed %d, round %d: Entries(%q) = %v, %v; want %v", seed, round, prefix, got, err, under(model, prefix))
		}
	}
}

// someChange expects what stands, as a rule.
func someChange(r *rand.Rand, model map[string]string) (c projection.Change) {
	keys := []string{"a", "a/1", "a/2", "b/1", "b/10", "c"}
	values := []string{"", "", "1", "2", `"~"`}
	for _, i := range r.Perm(len(keys))[:r.IntN(4)] {
		e := projection.Entry{Key: keys[i], Value: model[keys[i]]}
		if r.IntN(8) == 0 {
			e.Value = values[r.IntN(len(values))]
		}
		c.Expect = append(c.Expect, e)
	}
	for _, i := range r.Perm(len(keys))[:r.IntN(4)] {
		c.Put = append(c.Put, projection.Entry{Key: keys[i], Value: values[r.IntN(len(values))]})
	}
	return c
}

func stands(model map[string]string, c projection.Change) bool {
	return !slices.ContainsFunc(c.Expect, func(e projection.Entry) bool { return model[e.Key] != e.Value })
}

func under(model map[string]string, prefix string) (all []projection.Entry) {
	for _, key := range slices.Sorted(maps.Keys(model)) {
		if len(key) >= len(prefix) && key[:len(prefix)] == prefix {
			all = append(all, projection.Entry{Key: key, Value: model[key]})
		}
	}
	return all
}

// Of runners by different clients one moves the entry, each time.
func TestRaceWithTheOtherClient(t *testing.T) {
	d := newDatabase(t)
	targets := d.both()
	d.do(`CREATE TABLE item (n int)`)
	for round := range 12 {
		c := move("lane/0", number(round), number(round+1))
		errs := make(chan error, len(targets))
		for _, target := range targets {
			go func() { errs <- writes(within(t), target, c, `INSERT INTO item VALUES (1)`) }()
		}
		won := 0
		for range targets {
			switch err := <-errs; {
			case err == nil:
				won++
			case !errors.Is(err, projection.ErrMoved):
				t.Error(err)
			}
		}
		equal(t, "winners", won, 1)
	}
	equal(t, "rows", d.count(`SELECT count(*) FROM item`), 12)
}

// writes updates by whichever client it is.
func writes(ctx context.Context, l projection.Ledger, c projection.Change, statement string) error {
	if target, ok := l.(projection.Target[pgx.Tx]); ok {
		return target.Update(ctx, c, func(ctx context.Context, tx pgx.Tx) error { _, err := tx.Exec(ctx, statement); return err })
	}
	return l.(projection.Target[*sql.Tx]).Update(ctx, c, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	})
}

// What one has published the other replaces, and neither discards what is shown.
func TestSameViewsAsTheOtherClient(t *testing.T) {
	d := newDatabase(t)
	targets := d.both()
	for i, target := range targets {
		names := projection.Names{Build: i + 1}
		if err := writes(within(t), target, projection.Change{}, fmt.Sprintf(`CREATE TABLE %s AS SELECT %d AS n`, names.Name("item"), names.Build)); err != nil {
			t.Fatal(err)
		}
		equal(t, "Publish", target.Publish(within(t), move("deployment", number(i), number(i+1)), []string{"item"}, names), nil)
		equal(t, "what readers see", d.count(`SELECT n FROM item`), names.Build)
		other := targets[(i+1)%len(targets)]
		if err := other.Discard(within(t), projection.Change{}, []string{"item"}, names); err == nil || other.Fault(err) != projection.FaultSetup {
			t.Errorf("discarding what is shown: %v", err)
		}
		if i > 0 {
			equal(t, "Discard", other.Discard(within(t), projection.Change{}, []string{"item"}, projection.Names{Build: i}), nil)
		}
	}
	equal(t, "tables left", d.count(`SELECT count(*) FROM pg_tables WHERE schemaname = $1 AND tablename LIKE 'item%'`, d.schema), 1)
}
