package redistarget_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/redistarget"
	"github.com/cairndb/cairn/projection/targettest"
)

func TestProjections(t *testing.T) {
	targettest.RunProjections(t, subject, func(t testing.TB) cairn.Store {
		store, err := disk.OpenMemory(nil)
		must(t, err)
		return store
	})
}

// runner is what a process does that is to be killed: it runs a projection that
// counts events, over a copy of the log, until it is killed.
func runner(address, prefix, dir string) error {
	store, err := disk.Open(dir, nil)
	if err != nil {
		return err
	}
	defer store.Close()
	client := redis.NewClient(&redis.Options{Addr: address})
	defer client.Close()
	p := projection.Projection[tx]{Name: "counter", Handler: projection.OnEvent(func(ctx context.Context, tx tx, at *projection.Event) error {
		if at.Position%50 == 0 {
			fmt.Println("in", at.Position)
		}
		return tx.Incr(ctx, tx.Key("counter")).Err()
	})}
	return projection.Run(context.Background(), store, redistarget.New(client, &redistarget.Options{Prefix: prefix}), p, &projection.Options{
		MaxBatch: 40, Lease: 100 * time.Millisecond, Report: -1,
		OnApplied: func(at cairn.Position, _ int, _ time.Duration) { fmt.Println("at", at) },
	})
}

// logs makes a log and several copies of it, and returns where its end is.
func logs(t *testing.T, events, copies int) (cairn.Position, []string) {
	t.Helper()
	first := filepath.Join(t.TempDir(), "log")
	store, err := disk.Open(first, nil)
	must(t, err)
	var head cairn.Position
	for n := 0; n < events; n += 500 {
		batch := make([]cairn.Event, 500)
		for i := range batch {
			batch[i] = cairn.Event{ID: cairn.NewID(), Type: "happened", Data: []byte("{}")}
		}
		r, err := store.Append(t.Context(), fmt.Sprint("stream-", n%7), cairn.Any, batch...)
		must(t, err)
		head = r.Position
	}
	must(t, store.Close())
	var dirs []string
	for n := range copies {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(n))
		must(t, os.CopyFS(dir, os.DirFS(first)))
		dirs = append(dirs, dir)
	}
	return head, dirs
}

// Two processes run a projection, and are killed, stopped and woken in the middle of
// it. Each event has its effect once.
func TestRunnersKilledAndStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	s := open(t)
	const events = 6000
	head, dirs := logs(t, events, 2)
	h := &herd{t: t, s: s, told: []string{"run " + s.address + " " + s.prefix + " " + dirs[0], "run " + s.address + " " + s.prefix + " " + dirs[1]}}
	target := s.target(t)
	disturbed := h.until(func(string) bool { return checkpoint(t, target) == head })
	equal(t, "counter", s.client.Get(t.Context(), s.prefix+"counter").Val(), events)
	t.Logf("disturbed %d times", disturbed)
}

// checkpoint is how far the projection has come.
func checkpoint(t *testing.T, target *redistarget.Target) cairn.Position {
	entries, err := target.Entries(t.Context(), "p/counter/1/lane/")
	must(t, err)
	var c projection.Checkpoint
	for _, e := range entries {
		must(t, json.Unmarshal([]byte(e.Value), &c))
	}
	return c.Position
}
