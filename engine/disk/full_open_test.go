package disk_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn/engine/disk"
)

// TestOpenOnAFullDisk opens a store, closed while there was room or when there
// was none, where some files cannot grow: it says so, or can be read.
func TestOpenOnAFullDisk(t *testing.T) {
	for _, only := range []string{".sst", ".seg"} {
		for _, closedFull := range []bool{false, true} {
			var full atomic.Bool
			mem := vfs.NewCrashableMem()
			p := &probe{FS: mem, before: func(o operation) error {
				grows := o.verb == "create" || o.verb == "write" || o.verb == "write at" || o.verb == "reuse"
				if full.Load() && grows && (only == "" || strings.Contains(o.path, only)) {
					return errFull
				}
				return nil
			}}
			s, h, made := open(t, "store", hurried(p)), &history{}, uint64(0)
			g := newGenerator(3, &made)
			h.write(t.Context(), s, g, 60)
			full.Store(closedFull)
			h.write(t.Context(), s, g, 30)
			_ = s.Close()
			full.Store(true)
			s2, err := disk.Open("store", hurried(p))
			if err == nil {
				check(t, s2, h.now())
				_ = s2.Close()
			} else if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%q, closed full %t: %v", only, closedFull, err)
			}
			full.Store(false)
			reopen(t, mem, h)
		}
	}
}
