package group_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

func TestDeliveriesAreSettledByHand(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "acked", "acked", "late", "parked", "skipped")
		var got []string
		o := group.Options{Workers: 1, Visibility: time.Minute, Backoff: func(int) time.Duration { return time.Second }}
		var late *group.Delivery
		for d, err := range group.Receive(t.Context(), store, "g", o) {
			must(t, err)
			got = append(got, fmt.Sprintf("%s@%d/%d", d.Stream, d.Revision, d.Attempt))
			switch {
			case d.Stream == "late" && late == nil:
				late = d
				continue // until its time is up
			case d.Stream == "parked":
				must(t, d.Park(errors.New("no")))
			case d.Stream == "skipped":
				must(t, d.Skip("not ours"))
			case d.Stream == "acked" && d.Revision == 1 && d.Attempt == 1:
				must(t, d.Retry(time.Hour, nil))
			default:
				must(t, d.Ack())
			}
			if err := d.Ack(); !errors.Is(err, group.ErrLost) {
				t.Errorf("settling twice: %v", err)
			}
			if len(got) == 7 {
				break
			}
		}
		if err := late.Ack(); !errors.Is(err, group.ErrLost) {
			t.Errorf("settling late: %v", err)
		}
		synctest.Wait()
		equal(t, "delivered last", got[6], "acked@1/2")
		keys, err := group.Parked(t.Context(), store, "g")
		if err != nil || len(keys) != 1 || keys[0].Key != "parked" {
			t.Errorf("parked %+v, %v", keys, err)
		}
	})
}

func TestWhatIsNotSettledIsDeliveredAgain(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a", "b")
		for range 2 {
			n := 0
			for d, err := range group.Receive(t.Context(), store, "g", group.Options{}) {
				must(t, err)
				if d.Attempt != 1 {
					t.Errorf("attempt %d", d.Attempt)
				}
				if n++; n == 2 {
					break
				}
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		for d, err := range group.Receive(ctx, store, "g", group.Options{}) {
			if err != nil {
				if d != nil || !errors.Is(err, context.Canceled) {
					t.Errorf("the end is %v, %v", d, err)
				}
				continue
			}
			cancel()
		}
		cancel()
	})
}

func TestAPanicIsAFailure(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a")
		var failed error
		o := group.Options{Attempts: 1, OnParked: func(e *cairn.Recorded, attempt int, err error) { failed = err }}
		stop := start(t, func(ctx context.Context) error {
			return group.Run(ctx, store, "g", o, func(context.Context, cairn.Recorded) error { panic("help") })
		})
		defer stop()
		synctest.Wait()
		if p, ok := errors.AsType[*group.PanicError](failed); !ok || p.Value != "help" || len(p.Stack) == 0 {
			t.Errorf("parked because of %v", failed)
		}
	})
}

func TestBadBatchesAreFailures(t *testing.T) {
	bad := map[string]cairn.Batch{
		"key":       {Key: "k"},
		"invalid":   {Writes: []cairn.Write{{Stream: "", Expected: cairn.Any}}},
		"tombstone": {Writes: []cairn.Write{{Stream: "closed", Expected: cairn.Any, Events: []cairn.Event{{Type: "x"}}}}},
	}
	world(t, func(t *testing.T, store cairn.Store) {
		_, err := store.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{{Stream: "closed", Expected: cairn.Any, Delete: cairn.Tombstone}}})
		must(t, err)
		put(t, store, "key", "invalid", "good", "tombstone")
		stop := start(t, func(ctx context.Context) error {
			o := group.Options{Attempts: 2, Query: cairn.Query{{Streams: []string{"key", "invalid", "good", "tombstone"}}}}
			return group.RunTx(ctx, store, "g", o, func(_ context.Context, e cairn.Recorded) (cairn.Batch, error) { return bad[e.Stream], nil })
		})
		time.Sleep(time.Minute)
		synctest.Wait()
		stop()
		keys, err := group.Parked(t.Context(), store, "g")
		if err != nil || len(keys) != 3 {
			t.Errorf("parked %+v, %v", keys, err)
		}
	})
}

func TestStarts(t *testing.T) {
	for name, try := range map[string]struct {
		start group.Start
		want  int
	}{"beginning": {group.Start{}, 3}, "end": {group.End(), 0}, "position": {group.After(2), 1}} {
		t.Run(name, func(t *testing.T) {
			world(t, func(t *testing.T, store cairn.Store) {
				put(t, store, "a", "b", "c")
				var d diary
				run := func() {
					stop := start(t, func(ctx context.Context) error {
						return group.Run(ctx, store, "g", group.Options{Start: try.start}, func(_ context.Context, e cairn.Recorded) error { d.write(e); return nil })
					})
					synctest.Wait()
					stop()
				}
				run()
				equal(t, "handled", len(d.read()), try.want)
				put(t, store, "d") // while nobody is there
				run()
				equal(t, "handled later", len(d.read()), try.want+1)
			})
		})
	}
}
