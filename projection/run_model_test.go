package projection_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/storetest"
)

// A chance is rand for several goroutines.
type chance struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (c *chance) of(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.r.IntN(n)
}

// Two to three runners compete for one read model. They are ended and begun at
// random; transactions lose, fail, and lose their answers; handlers fail, and park
// what is then retried. In the end each event was applied once and in order, which
// countOne sees to, and the tallies are those of the log.
func TestManyRunnersApplyEachEventOnce(t *testing.T) {
	seeds := uint64(20)
	if testing.Short() {
		seeds = 4
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) { manyRunners(t, seed) })
	}
}

func manyRunners(t *testing.T, seed uint64) {
	c := &chance{r: rand.New(rand.NewPCG(seed, 7))}
	store := storetest.NewReference()
	defer store.Close()
	target := newShaky(func(projection.Change) error {
		return []error{errTxLost, errTxDown, errTxAfter, nil, nil, nil, nil, nil, nil, nil}[c.of(10)]
	})
	p := countStreams()
	p.Lanes, p.Failures = 1+c.of(4), projection.ParkOnFailure
	var calm bool
	p.Handler = projection.OnEvent(func(ctx context.Context, tx *memtarget.Tx, e *projection.Event) error {
		if !calm && c.of(20) == 0 {
			switch c.of(4) {
			case 0:
				panic("a bug")
			case 1:
				return projection.Park(errors.New("not now"))
			}
			return errors.New("bad luck")
		}
		return countOne(ctx, tx, e)
	}, "added")
	o := &projection.Options{Attempts: 1 + c.of(3), MaxBatch: 1 + c.of(50)}
	stops := make([]func() error, 2+c.of(2))
	want := map[string]int64{}
	for range 60 {
		for range c.of(30) {
			stream := fmt.Sprintf("s-%d", c.of(7))
			appendTo(t, store, stream)
			want[stream]++
		}
		appendOther(t, store, c.of(3))
		i := c.of(len(stops))
		if stops[i] == nil {
			stops[i] = startRun(t, store, target, p, o)
		} else if err := stops[i](); err != errEnd {
			t.Fatalf("seed %d: Run = %v", seed, err)
		} else {
			stops[i] = nil
		}
		time.Sleep(time.Duration(c.of(5000)) * time.Millisecond)
	}
	synctest.Wait()
	calm = true
	target.set(nil)
	if stops[0] == nil {
		stops[0] = startRun(t, store, target, p, o)
	}
	time.Sleep(time.Hour)
	if _, err := projection.RetryParked(t.Context(), store, target, p); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	time.Sleep(time.Minute)
	for _, stop := range stops {
		if stop != nil && stop() != errEnd {
			t.Fatalf("seed %d: %v", seed, stop())
		}
	}
	verify(t, seed, store, target, p, want)
}

// appendOther appends events that are not the projection's.
func appendOther(t *testing.T, store cairn.Store, n int) {
	t.Helper()
	for range n {
		if _, err := store.Append(t.Context(), "other", cairn.Any, cairn.Event{Type: "another"}); err != nil {
			t.Fatal(err)
		}
	}
}

func verify(t *testing.T, seed uint64, store cairn.Store, target *shaky, p projection.Projection[*memtarget.Tx], want map[string]int64) {
	t.Helper()
	for stream, n := range want {
		if got := countOf(target.Target, stream); got != n {
			t.Errorf("seed %d: of %s %d events were applied, want %d", seed, stream, got, n)
		}
	}
	parked, err := projection.Parked(t.Context(), target, p.Name)
	if err != nil || len(parked) > 0 {
		t.Errorf("seed %d: parked are %+v, %v", seed, parked, err)
	}
	var log projection.Tally
	for e, err := range store.ReadAll(t.Context(), cairn.AllOptions{Query: cairn.ByType("added")}) {
		if err != nil {
			t.Fatal(err)
		}
		log.Add(&e)
	}
	lanes, err := projection.Lanes(t.Context(), target, p.Name, 1)
	if err != nil {
		t.Fatal(err)
	}
	var applied projection.Tally
	for _, c := range lanes {
		applied.Count, applied.Sum, applied.Chain = applied.Count+c.Count, applied.Sum+c.Sum, c.Chain
	}
	if applied.Count != log.Count || applied.Sum != log.Sum || len(lanes) == 1 && applied.Chain != log.Chain {
		t.Errorf("seed %d: the tally is %+v, that of the log %+v", seed, applied, log)
	}
}
