package disk_test

import (
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn/engine/disk"
)

// TestKillsThenCrashes stops a process at a file operation, which loses nothing
// that it has written, opens the store again and then cuts the power: whatever
// was read in between must still be there, acknowledged or not, and what was
// written since.
func TestKillsThenCrashes(t *testing.T) {
	number := seed(t)
	step := 11
	if os.Getenv("CAIRN_CRASHES") == "all" {
		step = 1
	}
	kills, operations := 0, killThenCrash(t, number, math.MaxInt64)
	for n := int64(1); n <= operations; n += int64(step) {
		killThenCrash(t, number, n)
		kills++
	}
	t.Logf("%d kills in %d file operations", kills, operations)
}

// killThenCrash stops at operation n, and returns how many there were.
func killThenCrash(t *testing.T, number uint64, n int64) int64 {
	mem, h := vfs.NewCrashableMem(), &history{}
	var count atomic.Int64
	p := &probe{FS: mem, before: func(o operation) error {
		if o.changes() && count.Add(1) >= n {
			return errBroken
		}
		return nil
	}}
	made := uint64(0)
	if s, err := disk.Open("store", hurried(p)); err == nil {
		h.write(t.Context(), s, newGenerator(number, &made), 40)
		_ = s.Close() // nothing it does has an effect any more
	}
	s := open(t, "store", hurried(mem))
	defer s.Close()
	before := check(t, s, h.now())
	h.write(t.Context(), s, newGenerator(number, &made), 3)
	after := mem.CrashClone(vfs.CrashCloneCfg{RNG: rand.New(rand.NewPCG(number, 0))})
	crashed := open(t, "store", hurried(after))
	defer crashed.Close()
	kept := check(t, crashed, h.now())
	if len(kept) < len(before) || len(before) > 0 && !reflect.DeepEqual(kept[:len(before)], before) {
		t.Fatalf("killed at operation %d: %d events were read, then a crash left %d", n, len(before), len(kept))
	}
	return count.Load()
}
