package lane_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

var errFailed = errors.New("failed")

// Whatever fails, and however the lanes are busy, what is settled of a key is
// settled in order, and no two tasks of a key are tried at the same time.
func TestOrderPerKey(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(seed, 1))
		l := lane.New(t.Context(), lane.Options{Workers: 3, Backoff: lane.Backoff(time.Millisecond, time.Second)})
		var mu sync.Mutex
		var most, now atomic.Int64
		settled := map[string][]int{}
		busy := map[string]bool{}
		for i := range 500 {
			key, failures, pause := fmt.Sprint("k", rng.IntN(7)), rng.IntN(4), time.Duration(rng.Int64N(int64(time.Millisecond)))
			l.Add(lane.Task{Key: key, Try: func(attempt int) error {
				mu.Lock()
				if busy[key] {
					t.Errorf("two tasks of %s at the same time", key)
				}
				busy[key] = true
				mu.Unlock()
				most.Store(max(most.Load(), now.Add(1)))
				timer := time.NewTimer(pause)
				<-timer.C
				now.Add(-1)
				mu.Lock()
				busy[key] = false
				mu.Unlock()
				if attempt <= failures {
					return errFailed
				}
				return nil
			}, Settle: func(err error) bool {
				if err != nil {
					t.Errorf("task %d: %v", i, err)
				}
				mu.Lock()
				defer mu.Unlock()
				settled[key] = append(settled[key], i)
				return true
			}})
		}
		l.Wait()
		total := 0
		for key, all := range settled {
			total += len(all)
			if !slices.IsSorted(all) {
				t.Errorf("%s was settled in the order %v", key, all)
			}
		}
		if total != 500 || most.Load() != 3 {
			t.Errorf("%d of 500 were settled, %d at once of 3", total, most.Load())
		}
	})
}

func TestAttempts(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"an error is tried as often as it may be": {errFailed, 4},
		"a rejection is final":                    {fmt.Errorf("no: %w", broker.ErrRejected), 1},
		"success":                                 {nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := lane.New(t.Context(), lane.Options{Attempts: 4})
				attempts := 0
				l.Add(lane.Task{
					Try: func(attempt int) error { attempts = attempt; return c.err },
					Settle: func(err error) bool {
						if !errors.Is(err, c.err) {
							t.Errorf("settled with %v", err)
						}
						return true
					},
				})
				l.Wait()
				if attempts != c.want {
					t.Errorf("%d attempts, want %d", attempts, c.want)
				}
			})
		})
	}
}

// A failing key waits without holding up another, even with one worker.
func TestAFailingKeyDisturbsOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancelCause(t.Context())
		l := lane.New(ctx, lane.Options{Workers: 1})
		l.Add(lane.Task{Key: "poisoned", Try: func(int) error { return errFailed }, Settle: func(error) bool { return false }})
		l.Add(lane.Task{Key: "poisoned", Try: func(int) error { t.Error("it was overtaken"); return nil }, Settle: func(err error) bool {
			if !errors.Is(err, lane.ErrBehind) {
				t.Errorf("what was behind ended with %v", err)
			}
			return false
		}})
		others := make(chan struct{}, 50)
		for range cap(others) {
			l.Add(lane.Task{Key: "sound", Try: func(int) error { return nil }, Settle: func(error) bool { others <- struct{}{}; return true }})
		}
		for range cap(others) {
			<-others
		}
		stop(errFailed)
		l.Wait()
	})
}

func TestAPanicIsAnError(t *testing.T) {
	l := lane.New(t.Context(), lane.Options{Attempts: 1})
	l.Add(lane.Task{Try: func(int) error { panic("oops") }, Settle: func(err error) bool {
		if err == nil {
			t.Error("a panic was settled as success")
		}
		return true
	}})
	l.Wait()
}

func TestBackoffStaysInItsBounds(t *testing.T) {
	b := lane.Backoff(100*time.Millisecond, 30*time.Second)
	for attempt := range 200 {
		want := min(100*time.Millisecond<<min(max(attempt-1, 0), 20), 30*time.Second)
		if d := b(attempt); d < want/2 || d > want {
			t.Errorf("attempt %d waits %v, not %v to %v", attempt, d, want/2, want)
		}
	}
}
