package disk_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// TestEverythingAtOnce has all kinds of callers use a store that is closed under
// them. Each must end, and the store must leave nothing running.
func TestEverythingAtOnce(t *testing.T) {
	before := runtime.NumGoroutine()
	rounds := 2
	if testing.Short() {
		rounds = 1
	}
	for round := range rounds {
		dir, h := t.TempDir(), &history{}
		s := open(t, dir, hurried(nil)).(*disk.Store)
		var wg sync.WaitGroup
		var appended atomic.Int64
		enough := make(chan struct{})
		stop := sync.OnceFunc(func() { close(enough) })
		for i := range 6 {
			made := uint64(i+1)<<32 + uint64(round)<<24
			g := newGenerator(uint64(i), &made)
			wg.Go(func() {
				defer stop()
				for {
					err := h.commit(t.Context(), s, g.batch())
					if errors.Is(err, cairn.ErrClosed) {
						return
					}
					if err != nil && !isOf(err, cairn.ErrConflict, cairn.ErrStreamDeleted) {
						t.Errorf("commit: %v", err)
						return
					}
					if appended.Add(1) >= 150 {
						stop()
					}
				}
			})
		}
		for name, use := range uses(t.Context(), s) {
			wg.Go(func() {
				for {
					if err := use(); errors.Is(err, cairn.ErrClosed) {
						return
					} else if err != nil && !errors.Is(err, cairn.ErrStreamDeleted) {
						t.Errorf("%s: %v", name, err)
						return
					}
				}
			})
		}
		<-enough
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
		again := open(t, dir, hurried(nil))
		check(t, again, h.now())
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
	settled(t, before)
}

// uses are what callers do but for writing.
func uses(ctx context.Context, s *disk.Store) map[string]func() error {
	drain := func(o cairn.AllOptions) func() error {
		return func() error {
			next := o.After + 1
			for e, err := range s.ReadAll(ctx, o) {
				switch {
				case err != nil:
					return err
				case o.Backward, o.Query == nil && e.Position == next, o.Query != nil && o.Query.Match(&e) && e.Position >= next:
				default:
					return fmt.Errorf("position %d, want %d", e.Position, next)
				}
				next = e.Position + 1
			}
			return nil
		}
	}
	return map[string]func() error{
		"all":            drain(cairn.AllOptions{Limit: 300}),
		"backward":       drain(cairn.AllOptions{Backward: true, Limit: 100}),
		"query":          drain(cairn.AllOptions{Query: cairn.ByType("t1", "t2")}),
		"query backward": drain(cairn.AllOptions{Query: cairn.ByTag("k1"), Backward: true, Limit: 50}),
		"prefix":         drain(cairn.AllOptions{Query: cairn.Query{{Prefixes: []string{"a-"}, Tags: []string{"k0"}}}}),
		"follow":         drain(cairn.AllOptions{Follow: true}),
		"follow query":   drain(cairn.AllOptions{Follow: true, Query: cairn.ByCategory("b")}),
		"follow stream": func() error {
			_, err := cairn.Collect(s.ReadStream(ctx, "c-1", cairn.ReadOptions{Follow: true}))
			return err
		},
		"stream": func() error { _, err := cairn.Collect(s.ReadStream(ctx, "a-1", cairn.ReadOptions{})); return err },
		"stream backward": func() error {
			_, err := cairn.Collect(s.ReadStream(ctx, "b-2", cairn.ReadOptions{Backward: true}))
			return err
		},
		"stream info": func() error { _, err := s.StreamInfo(ctx, "a-1"); return err },
		"info":        func() error { _, err := s.Info(ctx); runtime.Gosched(); return err },
		"stats":       func() error { _, err := s.Stats(ctx); return err },
	}
}

// settled waits until no more goroutines run than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, strings.TrimSpace(string(stacks)))
		}
	}
}
