package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// TestMain lets the processes of a campaign be this program too.
func TestMain(m *testing.M) {
	if raw := os.Getenv(variable); raw != "" {
		os.Exit(play(raw, os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

func TestReactor(t *testing.T) {
	args := []string{"--events=8000", "--kills=4", "--patience=5m"}
	if testing.Short() {
		args = []string{"--events=2000", "--kills=2", "--patience=5m"}
	}
	var out strings.Builder
	err := command(t.Context(), args, &out)
	t.Log(out.String())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "each once and in order") {
		t.Error("it does not say what it has found")
	}
}

func TestBadFlags(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "something"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, args := range map[string][]string{
		"events": {"--events=0"}, "keys": {"--keys=21", "--events=20"}, "kills": {"--kills=-1"},
		"lease": {"--lease=-1s"}, "dir": {"--dir=" + full},
	} {
		err := command(t.Context(), args, &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// small is a plan of two orders: one with two rounds, one with half a round.
var small = plan{Events: 30, Keys: 2, Seed: 1}

// A campaign without anything amiss, as its stores would be.
func whole(t *testing.T) (c *campaign, orders, billing []write1) {
	c = &campaign{config: config{Dir: t.TempDir()}, plan: small}
	for key := range small.Keys {
		for seq := range small.length(key) {
			s := step{key, seq}
			orders = append(orders, write1{order(key), small.happens(s)}, write1{statement(key), event(typeLine, s)})
			billing = append(billing, write1{entry(key), event(typeEntry, s)}, write1{"$inbox-orders", cairn.Event{Type: "$inbox-handled"}})
		}
		for n := range small.of(key) {
			end := typeRelease
			if small.paid(key, n) {
				end = typeShip
			}
			to := stock(roundID(key, n))
			orders = append(orders, write1{to, cairn.Event{Type: typeReserve}}, write1{to, cairn.Event{Type: end}})
		}
	}
	return c, orders, billing
}

type write1 struct {
	stream string
	event  cairn.Event
}

// fill makes a store of some events.
func fill(t *testing.T, dir string, all []write1) {
	t.Helper()
	store, err := disk.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var batches []cairn.Batch
	for _, w := range all {
		batches = append(batches, cairn.Batch{Writes: []cairn.Write{{Stream: w.stream, Expected: cairn.Any, Events: []cairn.Event{w.event}}}})
	}
	for _, out := range cairn.CommitEach(context.Background(), store, batches) {
		if out.Err != nil {
			t.Fatal(out.Err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAuditNotices takes something away from what is well, doubles it, or moves
// it, and wants that to be noticed.
func TestAuditNotices(t *testing.T) {
	without := func(all []write1, i int) []write1 { return append(all[:i:i], all[i+1:]...) }
	twice := func(all []write1, i int) []write1 {
		again := all[i]
		again.event.ID = cairn.NewID() // or the store would know it again
		return append(append(all[:i+1:i+1], again), all[i+1:]...)
	}
	swapped := func(all []write1, i, j int) []write1 {
		all = append([]write1(nil), all...)
		all[i], all[j] = all[j], all[i]
		return all
	}
	last := func(all []write1) int { return len(all) - 1 }
	for what, spoil := range map[string]func(orders, billing []write1) ([]write1, []write1){
		"":                            func(o, b []write1) ([]write1, []write1) { return o, b },
		"event":                       func(o, b []write1) ([]write1, []write1) { return without(o, 4), b },
		"the effect of event 1":       func(o, b []write1) ([]write1, []write1) { return twice(o, 3), b },
		"the effect of event 2":       func(o, b []write1) ([]write1, []write1) { return swapped(o, 3, 5), b },
		"was written before":          func(o, b []write1) ([]write1, []write1) { return swapped(o, 2, 3), b },
		"of statements":               func(o, b []write1) ([]write1, []write1) { return without(o, 29), b },
		"has asked for":               func(o, b []write1) ([]write1, []write1) { return without(o, last(o)), b },
		"[stock.reserve stock.re":     func(o, b []write1) ([]write1, []write1) { return twice(o, last(o)-1), b },
		"the effect of event 3":       func(o, b []write1) ([]write1, []write1) { return o, twice(b, 6) },
		"follows that of event 2":     func(o, b []write1) ([]write1, []write1) { return o, without(b, 6) },
		"entries of billing: order 1": func(o, b []write1) ([]write1, []write1) { return o, without(without(b, last(b)), last(b)-1) },
		"marks":                       func(o, b []write1) ([]write1, []write1) { return o, twice(b, last(b)) },
	} {
		t.Run(what, func(t *testing.T) {
			c, o, b := whole(t)
			acks := fmt.Sprintf("0 0 %s\n", o[0].event.ID)
			if err := os.WriteFile(ackPath(c.Dir, 0, 0), []byte(acks), 0o600); err != nil {
				t.Fatal(err)
			}
			o, b = spoil(o, b)
			fill(t, ordersDir(c.Dir), o)
			fill(t, billingDir(c.Dir), b)
			err := c.audit(context.Background())
			if what == "" && err != nil || what != "" && (err == nil || !strings.Contains(err.Error(), what)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// An acknowledged append that is not there, or another in its place.
func TestAuditOfAnswers(t *testing.T) {
	for _, ack := range []string{"0 0 " + cairn.NewID().String(), "0 99 " + cairn.NewID().String(), "7 0 x", "half a li"} {
		c, o, b := whole(t)
		if err := os.WriteFile(ackPath(c.Dir, 1, 2), []byte(ack+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		fill(t, ordersDir(c.Dir), o)
		fill(t, billingDir(c.Dir), b)
		if err := c.audit(context.Background()); err == nil || !strings.Contains(err.Error(), "acknowledge") {
			t.Errorf("%q: got %v", ack, err)
		}
	}
}

func TestACampaignThatIsCalledOff(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	if err := command(ctx, []string{"--events=100"}, &strings.Builder{}); !errors.Is(err, enough) && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
