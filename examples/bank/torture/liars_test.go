package torture

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// A liar is a store that does something else with batches than it says.
type liar struct {
	cairn.Store
	count  *atomic.Int64
	commit func(l *liar, ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error)
}

func (l *liar) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if len(b.Writes) != 2 || b.Key == "" {
		return l.Store.Commit(ctx, b)
	}
	return l.commit(l, ctx, b)
}

// sometimes is true for one transfer of twenty.
func (l *liar) sometimes() bool { return l.count.Add(1)%20 == 0 }

// TestRunFindsLiars tortures stores that break one promise each. Which of the
// consequences is found first is a matter of chance.
func TestRunFindsLiars(t *testing.T) {
	for _, tt := range []struct {
		lie    string
		commit func(l *liar, ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error)
	}{
		{"forgets keys", func(l *liar, ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
			b.Key += time.Now().String()
			return l.Store.Commit(ctx, b)
		}},
		{"acknowledges what it does not store", func(l *liar, ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
			if !l.sometimes() {
				return l.Store.Commit(ctx, b)
			}
			info, err := l.Info(ctx)
			return cairn.BatchReceipt{
				Revisions: []cairn.Revision{b.Writes[0].Expected + 1, b.Writes[1].Expected + 1},
				Position:  info.Head + 2,
			}, err
		}},
		{"stores half", func(l *liar, ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
			if !l.sometimes() {
				return l.Store.Commit(ctx, b)
			}
			other := b.Writes[1]
			b.Writes = b.Writes[:1]
			r, err := l.Store.Commit(ctx, b)
			r.Revisions = append(r.Revisions, other.Expected+1)
			return r, err
		}},
		{"lets the last writer win", func(l *liar, ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
			for i := range b.Writes {
				b.Writes[i].Expected = cairn.Any
			}
			return l.Store.Commit(ctx, b)
		}},
	} {
		t.Run(tt.lie, func(t *testing.T) {
			k := newKeeper(t)
			var count atomic.Int64
			c := short(t, func(dir string) (cairn.Store, error) {
				store, err := k.open(dir)
				if err != nil {
					return nil, err
				}
				return &liar{store, &count, tt.commit}, nil
			})
			c.Duration, c.Workers, c.Accounts = time.Minute, 16, 4
			began := time.Now()
			_, err := Run(t.Context(), c)
			if !errors.Is(err, ErrViolation) {
				t.Fatalf("Run = %v; want a violation", err)
			}
			t.Logf("found in %v: %v", time.Since(began).Round(time.Millisecond), err)
		})
	}
}
