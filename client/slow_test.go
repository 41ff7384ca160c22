package client_test

import (
	"slices"
	"testing"

	"github.com/cairndb/cairn"
)

// TestSlowReaders: readers that stop in their loop, with far more to read than any
// buffer holds, hold up neither writers nor other readers of the same client.
func TestSlowReaders(t *testing.T) {
	r := newRig(t, nil)
	const n = 40
	for range n {
		big := cairn.Event{Type: "x", Data: make([]byte, 1<<20)}
		if _, err := r.Append(t.Context(), "big", cairn.Any, big); err != nil {
			t.Fatal(err)
		}
	}
	stopped, goOn, done := make(chan struct{}), make(chan struct{}), make(chan int)
	const slow = 8
	for range slow {
		go func() {
			seen := 0
			for _, err := range r.ReadAll(t.Context(), cairn.AllOptions{Before: n + 1}) {
				if err != nil {
					t.Error(err)
				}
				if seen++; seen == 1 {
					stopped <- struct{}{}
					<-goOn
				}
			}
			done <- seen
		}()
	}
	for range slow {
		soon(t, stopped)
	}
	outcomes := r.CommitEach(t.Context(), slices.Repeat([]cairn.Batch{one("s", cairn.Any, event())}, 100))
	for _, o := range outcomes {
		if o.Err != nil {
			t.Error(o.Err)
		}
	}
	all, err := cairn.Collect(r.ReadStream(t.Context(), "s", cairn.ReadOptions{}))
	if err != nil || len(all) != 100 {
		t.Errorf("%d events, %v", len(all), err)
	}
	close(goOn)
	for range slow {
		if seen := soon(t, done); seen != n {
			t.Errorf("a slow reader saw %d events of %d", seen, n)
		}
	}
}
