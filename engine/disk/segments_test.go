package disk_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// TestSmallWritesBehindARefusedBig has the first write to a new segment fail,
// or its creation at each step, and then writes what the segment before would
// have had room for.
func TestSmallWritesBehindARefusedBig(t *testing.T) {
	for _, verb := range []string{"open for writing", "write at", "sync", "open directory"} {
		for nth := 1; nth <= 3; nth++ {
			t.Run(fmt.Sprint(verb, " ", nth), func(t *testing.T) {
				var armed atomic.Bool
				var seen atomic.Int64
				mem := vfs.NewCrashableMem()
				p := &probe{FS: mem, before: func(o operation) error {
					if armed.Load() && o.inLog() && o.verb == verb && seen.Add(1) == int64(nth) {
						return errBroken
					}
					return nil
				}}
				s, h := open(t, "store", hurried(p)), &history{}
				appends := func(size int) error {
					made := uint64(len(h.attempts)) * 10
					g := newGenerator(1, &made)
					return h.commit(t.Context(), s, cairn.Batch{Writes: []cairn.Write{g.write("s", 1, size)}})
				}
				if err := appends(9000); err != nil {
					t.Fatal(err)
				}
				armed.Store(true)
				err := appends(9000)
				armed.Store(false)
				t.Log(err)
				for range 5 {
					if err := appends(100); err != nil && !errors.Is(err, cairn.ErrFailed) {
						t.Fatal(err)
					}
				}
				if err := appends(9000); err != nil && !errors.Is(err, cairn.ErrFailed) {
					t.Fatal(err)
				}
				check(t, s, h.now())
				reopen(t, mem.CrashClone(vfs.CrashCloneCfg{}), h)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				reopen(t, mem, h)
			})
		}
	}
}

// TestKeysFillASegment commits many batches of nothing but a key, which take no
// position: two segments must not begin with the same.
func TestKeysFillASegment(t *testing.T) {
	mem := vfs.NewMem()
	s, h := open(t, "store", hurried(mem)), &history{}
	for round := range 3 {
		for i := range 200 {
			key := fmt.Sprintf("%d-%d-%s", round, i, strings.Repeat("k", 300))
			if err := h.commit(t.Context(), s, cairn.Batch{Key: key}); err != nil {
				t.Fatal(err)
			}
		}
		made := uint64(round)
		if err := h.commit(t.Context(), s, cairn.Batch{Writes: []cairn.Write{newGenerator(1, &made).write("s", 1, 10)}}); err != nil {
			t.Fatal(err)
		}
	}
	checkKeys(t, s, h.now())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	reopen(t, mem, h)
}

// TestAFailedSync stops the store, which says so and can still be read.
func TestAFailedSync(t *testing.T) {
	var armed atomic.Bool
	mem := vfs.NewCrashableMem()
	p := &probe{FS: mem, before: func(o operation) error {
		if armed.Load() && o.inLog() && o.verb == "sync" {
			return errBroken
		}
		return nil
	}}
	s, h, made := open(t, "store", hurried(p)), &history{}, uint64(0)
	g := newGenerator(1, &made)
	h.write(t.Context(), s, g, 30)
	append1 := func() error {
		return h.commit(t.Context(), s, cairn.Batch{Writes: []cairn.Write{g.write("s", 1, 10)}})
	}
	armed.Store(true)
	err := append1()
	failed, ok := errors.AsType[*disk.FailedError](err)
	if !ok || !failed.Unknown || !isOf(err, cairn.ErrFailed) || !isOf(err, cairn.ErrUnknownOutcome) || !errors.Is(err, errBroken.Errno) {
		t.Errorf("the write whose sync failed: %v", err)
	}
	armed.Store(false)
	for range 3 {
		err := append1()
		if !errors.Is(err, cairn.ErrFailed) || errors.Is(err, cairn.ErrUnknownOutcome) || !errors.Is(err, errBroken.Errno) {
			t.Errorf("a write to a store that has failed: %v", err)
		}
	}
	check(t, s, h.now())
	reopen(t, mem.CrashClone(vfs.CrashCloneCfg{}), h)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	reopen(t, mem, h)
}
