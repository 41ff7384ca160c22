package index

import (
	"errors"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// damagedFile is the name of a file that condemns the index it lies beside: the
// next to open it starts anew.
const damagedFile = "DAMAGED"

// remove removes an index. What makes it one goes first, so that the rest is
// never taken for one.
func remove(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, "marker.manifest") {
			if err := fs.Remove(fs.PathJoin(dir, name)); err != nil {
				return err
			}
		}
	}
	return fs.RemoveAll(dir)
}

// condemn is told of a damaged file. It is called under Pebble's locks.
func (x *Index) condemn(info pebble.DataCorruptionInfo) {
	if x.condemned.Swap(true) {
		return
	}
	x.options.Logger.Error("index: damaged, to be rebuilt when the store is opened again", "file", info.Path, "error", info.Details)
	x.tasks.Go(func() {
		if f, err := x.files.FS.Create(x.files.PathJoin(x.dir, damagedFile), vfs.WriteCategoryUnspecified); err == nil {
			_ = errors.Join(f.Sync(), f.Close()) // without the file the damage is found again
		}
	})
}
