package disk_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/storetest"
)

// small makes everything happen often: segments end, the tail is left behind.
func small(fs vfs.FS) *disk.Options {
	return &disk.Options{FS: fs, SegmentSize: 64 << 10, TailSize: 16 << 10}
}

func open(t *testing.T, dir string, o *disk.Options) cairn.Store {
	t.Helper()
	s, err := disk.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// operations is how many random ones to compare; zero leaves it to the kit.
func operations() int {
	if testing.Short() {
		return 2000
	}
	return 0
}

func TestConformanceInMemory(t *testing.T) {
	storetest.Run(t, storetest.Config{Operations: operations(), Open: func(t *testing.T) cairn.Store {
		s, err := disk.OpenMemory(nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}})
}

// TestConformanceOnDisk has many segments and two of them open.
func TestConformanceOnDisk(t *testing.T) {
	tiny := (&disk.Options{SegmentSize: 16 << 10, TailSize: 16 << 10}).OpenAtMost(2)
	dirs := map[cairn.Store]string{}
	storetest.Run(t, storetest.Config{
		Operations: operations(),
		Open: func(t *testing.T) cairn.Store {
			dir := t.TempDir()
			s := open(t, dir, tiny)
			dirs[s] = dir
			return s
		},
		Reopen: func(t *testing.T, s cairn.Store) cairn.Store {
			dir := dirs[s]
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir, tiny)
			dirs[s] = dir
			return s
		},
	})
}
