package group_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// A member loses a partition to another one while it handles an event of it, and
// gets it back before it has committed anything that would have told it. What it
// was at counts no more; everything must still be handled, in order.
func TestAPartitionIsRegained(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a-1", "a-1", "a-2", "a-1")
		gate, d := make(chan struct{}), diary{}
		var entered atomic.Bool
		stop := start(t, func(ctx context.Context) error {
			o := group.Options{Partitions: 1, CheckpointEvery: time.Hour}
			return group.RunTx(ctx, store, "g", o, func(_ context.Context, e cairn.Recorded) (cairn.Batch, error) {
				if !entered.Swap(true) {
					<-gate
				}
				d.write(e)
				return cairn.Batch{}, nil
			})
		})
		defer stop()
		synctest.Wait()
		pass(t, store, "$group-claimed", `"owner":"another",`)
		pass(t, store, "$group-released", "")
		time.Sleep(time.Minute)
		close(gate)
		time.Sleep(time.Minute)
		s, err := group.Status(t.Context(), store, "g")
		if err != nil || s.Lag != 0 || s.Members[0].Held != 0 {
			t.Errorf("a minute later the group is %+v, %v", s, err)
		}
		if all := d.of("a-1"); !slices.Contains(all, "a-1@2") {
			t.Errorf("of a-1 were handled %v", all)
		}
	})
}

// pass appends what another member would to the progress of partition 0.
func pass(t *testing.T, store cairn.Store, kind, owner string) {
	t.Helper()
	var now struct {
		Epoch     int             `json:"epoch"`
		Position  json.RawMessage `json:"position"`
		Unsettled json.RawMessage `json:"unsettled"`
	}
	const stream = "$group-g-progress-0"
	for e, err := range store.ReadStream(t.Context(), stream, cairn.ReadOptions{Backward: true, Limit: 1}) {
		if err != nil || json.Unmarshal(e.Data, &now) != nil {
			t.Fatal(err)
		}
	}
	if now.Unsettled == nil {
		now.Unsettled = json.RawMessage("[]")
	}
	data := []byte(`{"epoch":` + string(rune('0'+now.Epoch+1)) + `,` + owner + `"position":` + string(now.Position) + `,"unsettled":` + string(now.Unsettled) + `}`)
	e := cairn.Event{Type: kind, Data: data, Tags: []string{"$group-g"}}
	if _, err := store.Append(t.Context(), stream, cairn.Any, e); err != nil {
		t.Fatal(err)
	}
}
