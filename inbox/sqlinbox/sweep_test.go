package sqlinbox_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cairndb/cairn/inbox"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// age makes marks older than they are.
func (db *database) age(t testing.TB, by time.Duration, where string) {
	t.Helper()
	db.exec(t, fmt.Sprintf(`UPDATE %s SET handled_at = handled_at - %d WHERE %s`, db.inbox, int(by/time.Second), where))
}

func TestSweep(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		ctx := context.Background()
		in := db.open(t, sqlinbox.Options{Rules: inbox.Rules{Keep: time.Hour}, SweepBatch: 3})
		for n := range 12 {
			if err := in.Handle(ctx, delivery(fmt.Sprint(n), ""), db.effect); err != nil {
				t.Fatal(err)
			}
		}
		other, err := sqlinbox.New(db.DB, db.dialect, "mailing", sqlinbox.Options{Table: db.inbox})
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Handle(ctx, delivery("0", ""), db.effect); err != nil {
			t.Fatal(err)
		}
		db.age(t, 30*time.Minute, `id = '11'`)
		db.age(t, 2*time.Hour, `id <> '11' AND id <> '10'`)
		swept, err := in.Sweep(ctx)
		equal(t, "swept", fmt.Sprint(swept, err), "10 <nil>")
		equal(t, "marks left, with that of another inbox", db.count(t, `SELECT count(*) FROM `+db.inbox), 3)
		for n := range 12 {
			if err := in.Handle(ctx, delivery(fmt.Sprint(n), ""), db.effect); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "effects", db.all(t), "23 effects of 12 messages")
	})
}

func TestRunSweepsUntilItsContextEnds(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		ctx, cancel := context.WithCancel(context.Background())
		in := db.open(t, sqlinbox.Options{SweepEvery: time.Millisecond})
		if err := in.Handle(ctx, delivery("1", ""), db.effect); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- in.Run(ctx) }()
		db.age(t, 30*24*time.Hour, `id = '1'`)
		for db.count(t, `SELECT count(*) FROM `+db.inbox) > 0 { // ends with the test's own patience
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
	})
}

// TestRandom plays messages, failures and sweeps at random, and compares with
// what must be remembered.
func TestRandom(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		dice, ctx := rand.New(rand.NewPCG(seed, 0)), context.Background()
		in := db.open(t, sqlinbox.Options{Rules: inbox.Rules{Keep: time.Hour}, SweepBatch: 2})
		marked, aged, effects := map[string]string{}, map[string]bool{}, 0
		for range 150 {
			id, content := fmt.Sprint(dice.IntN(12)), fmt.Sprint(dice.IntN(2))
			switch dice.IntN(10) {
			case 0:
				swept, err := in.Sweep(ctx)
				equal(t, "swept", fmt.Sprint(swept, err), fmt.Sprint(len(aged), nil))
				for id := range aged {
					delete(marked, id)
				}
				clear(aged)
			case 1:
				db.age(t, 2*time.Hour, `id = '`+id+`'`)
				if _, ok := marked[id]; ok {
					aged[id] = true
				}
			default:
				err := in.Handle(ctx, delivery(id, content), db.effect)
				was, known := marked[id]
				if !known {
					effects, marked[id] = effects+1, content
				}
				if different := known && was != content; errors.Is(err, inbox.ErrMismatch) != different || !different && err != nil {
					t.Fatalf("message %s with %s, before with %q: %v", id, content, was, err)
				}
			}
		}
		equal(t, "effects", db.count(t, `SELECT count(*) FROM `+db.effects), effects)
	})
}
