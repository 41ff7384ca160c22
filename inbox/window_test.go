package inbox_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox"
	"github.com/cairndb/cairn/storetest"
)

// world is a store in virtual time.
func world(t *testing.T, test func(t *testing.T, store cairn.Store)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := storetest.NewReference()
		defer store.Close()
		test(t, store)
	})
}

// handled reports whether a message was, or had been before.
func handled(t *testing.T, in *inbox.Inbox, id string) (fresh bool) {
	t.Helper()
	err := in.Handle(context.Background(), delivery(id, ""), func(ctx context.Context, d broker.Delivery) (cairn.Batch, error) {
		fresh = true
		return invoice(ctx, d)
	})
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

func TestOldMarksAreForgotten(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		o := inbox.Options{Rules: inbox.Rules{Keep: time.Hour}}
		in := open(t, store, o)
		handled(t, in, "a")
		time.Sleep(time.Hour)
		handled(t, in, "b")
		equal(t, "a after its hour, at which it is kept", handled(t, in, "a"), false)
		time.Sleep(time.Second)
		handled(t, in, "c")
		time.Sleep(time.Minute)
		equal(t, "b is new", handled(t, in, "b"), false)
		equal(t, "a is new", handled(t, in, "a"), true)

		info, err := store.StreamInfo(context.Background(), "$inbox-billing")
		equal(t, "the stream begins at", fmt.Sprint(info.First, err), "1 <nil>")
		equal(t, "a is new to another one", handled(t, open(t, store, o), "a"), false)
	})
}

// One that sees nothing forgets nothing, however long that is.
func TestSilenceForgetsNothing(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		in := open(t, store, inbox.Options{})
		handled(t, in, "a")
		time.Sleep(365 * 24 * time.Hour)
		equal(t, "a is new", handled(t, in, "a"), false)
		equal(t, "a is new to another one", handled(t, open(t, store, inbox.Options{}), "a"), false)
	})
}

func TestNoMoreMarksThanAllowed(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		in := open(t, store, inbox.Options{KeepCount: 10})
		for n := range 25 {
			handled(t, in, fmt.Sprint(n))
		}
		if err := in.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		equal(t, "the 16th is new", handled(t, in, "15"), false)
		equal(t, "the 15th is new", handled(t, in, "14"), true)
		left, err := cairn.Collect(store.ReadStream(context.Background(), "$inbox-billing", cairn.ReadOptions{}))
		equal(t, "marks", fmt.Sprint(len(left), err), "11 <nil>")
	})
}

// The metadata that somebody has set on the stream stays.
func TestSweepKeepsMetadata(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		ctx := context.Background()
		in := open(t, store, inbox.Options{KeepCount: 1})
		handled(t, in, "a")
		handled(t, in, "b")
		meta := cairn.StreamMetadata{ACL: &cairn.ACL{Read: []string{"auditor"}}}
		if _, err := cairn.SetMetadata(ctx, store, "$inbox-billing", cairn.NoStream, meta); err != nil {
			t.Fatal(err)
		}
		if err := in.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		info, err := store.StreamInfo(ctx, "$inbox-billing")
		if err != nil || info.First != 1 || info.Metadata.ACL == nil {
			t.Errorf("the stream is %+v, %v", info, err)
		}
	})
}

// TestRandomWindow plays messages, pauses, sweeps and new owners at random, and
// compares with what must be remembered and what must be forgotten.
func TestRandomWindow(t *testing.T) {
	seed := rand.Uint64()
	if s := os.Getenv("CAIRN_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("CAIRN_SEED=%d", seed)
	steps := 4000
	if testing.Short() {
		steps = 1000
	}
	world(t, func(t *testing.T, store cairn.Store) {
		dice := rand.New(rand.NewPCG(seed, 0))
		const keep, every = 100 * time.Second, 5 * time.Second
		o := inbox.Options{Rules: inbox.Rules{Keep: keep}, SweepEvery: every}
		owners := []*inbox.Inbox{open(t, store, o)}
		marked := map[string]time.Time{} // when it was handled last
		var newest time.Time
		for step := range steps {
			switch n := dice.IntN(100); {
			case n < 2:
				owners = append(owners, open(t, store, o))[max(0, len(owners)-2):]
			case n < 30:
				time.Sleep(time.Duration(dice.IntN(4000)) * time.Millisecond)
			case n < 31:
				time.Sleep(time.Duration(dice.IntN(300)) * time.Second)
			}
			in := owners[dice.IntN(len(owners))]
			swept := dice.IntN(10) == 0
			if swept {
				if err := in.Sweep(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			id := fmt.Sprint(dice.IntN(60))
			at, known := marked[id]
			age := newest.Sub(at)
			fresh := handled(t, in, id)
			switch {
			case known && age <= keep && fresh:
				t.Fatalf("step %d: %s was handled %v before the newest mark, and again", step, id, age)
			case (!known || swept && age > keep) && !fresh:
				t.Fatalf("step %d: %s was taken for handled (known %v, age %v)", step, id, known, age)
			}
			if fresh {
				marked[id], newest = time.Now(), time.Now()
			}
		}
	})
}
