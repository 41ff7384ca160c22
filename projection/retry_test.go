package projection_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

// An interrupted target has something happen right after entries were read.
type interrupted struct {
	projection.Target[*memtarget.Tx]
	reads, at int
	do        func()
}

func (i *interrupted) Entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	found, err := i.Target.Entries(ctx, prefix)
	if i.reads++; i.reads == i.at {
		i.do()
	}
	return found, err
}

// An event comes, and is parked, between any two things that a retry looks at: it is
// applied after the others, and nothing stays behind.
func TestEventsThatComeWhileTheirKeyIsRetried(t *testing.T) {
	for at, came := 1, true; came; at++ {
		inTrial(t, func(t *trial) {
			t.parkB()
			stop := startRun(t, t.store, t.target, t.p, &t.o)
			synctest.Wait()
			came = false
			target := &interrupted{Target: t.target, at: at, do: func() {
				came = true
				appendTo(t, t.store, "b")
				synctest.Wait()
			}}
			all, err := projection.RetryParked(t.Context(), t.store, target, t.p, "b")
			if err != nil || len(all) != 1 || all[0].Left != 0 || all[0].Err != nil {
				t.Fatalf("RetryParked = %+v, %v", all, err)
			}
			synctest.Wait()
			want := int64(4)
			if came {
				want++
			}
			t.counts(map[string]int64{"b": want})
			if parked, err := projection.Parked(t.Context(), t.target, t.p.Name); err != nil || len(parked) > 0 {
				t.Errorf("after read %d: parked are %+v, %v", at, parked, err)
			}
			if entries, err := t.target.Entries(t.Context(), "p/"+t.p.Name+"/1/parked/"); err != nil || len(entries) > 0 {
				t.Errorf("after read %d: left behind are %v, %v", at, entries, err)
			}
			_ = stop()
		})
		if !came && at < 4 {
			t.Errorf("a retry reads entries %d times", at-1)
		}
	}
}
