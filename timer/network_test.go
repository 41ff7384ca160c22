package timer_test

import (
	"testing"
	"time"

	"github.com/cairndb/cairn/cairntest"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/timer"
	"github.com/cairndb/cairn/timer/timertest"
)

// TestNetwork: timers work over a server as well.
func TestNetwork(t *testing.T) {
	server := cairntest.Start(t)
	store, err := client.Dial(t.Context(), server.Cairn(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	clock := timertest.NewClock(noon)
	set(t, store, "a", noon.Add(time.Second), ring("a"))
	stop := run(t, store, timer.Options{Clock: clock, CheckpointEvery: 1})
	clock.Advance(time.Second)
	same(t, rung(t, store, 1), "a")
	set(t, store, "b", noon.Add(time.Hour), ring("b"))
	set(t, store, "c", noon.Add(time.Hour), ring("c"))
	cancel(t, store, "c")
	stop()
	clock.Advance(2 * time.Hour)
	stop = run(t, store, timer.Options{Clock: clock})
	same(t, rung(t, store, 2), "a", "b")
	stop()
}
