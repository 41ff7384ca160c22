package index

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// An Index is an open index. One goroutine at a time may call Apply and Flush;
// everything else may be called concurrently, also with Close, after which
// every call returns [cairn.ErrClosed].
type Index struct {
	dir     string
	options Options
	files   *patientFS
	db      *pebble.DB

	checkpoint atomic.Pointer[Checkpoint]
	health     health
	readers    *readers
	recent     *recent
	ladders    ladders
	tasks      sync.WaitGroup
	condemned  atomic.Bool

	writer  writer
	closing chan struct{} // closed when Close begins
	once    sync.Once
	closed  error // what Close returned
}

// Open opens the index in a directory, or creates it. An index that is damaged,
// belongs to another store or has another format is removed and created anew,
// with a line in the log; an error means that the directory could not be used.
func Open(fs vfs.FS, dir string, o Options) (*Index, error) {
	o.withDefaults()
	if o.ReadOnly {
		return openReadOnly(fs, dir, o)
	}
	return openOrRebuild(fs, dir, o)
}

// Checkpoint returns what is indexed. What it covers, every later read sees.
func (x *Index) Checkpoint() Checkpoint { return *x.checkpoint.Load() }

// Size returns how many bytes the index's files have.
func (x *Index) Size() (size int64) {
	names, _ := x.files.List(x.dir)
	for _, name := range names {
		if info, err := x.files.Stat(x.files.PathJoin(x.dir, name)); err == nil {
			size += info.Size()
		}
	}
	return size
}

// Close flushes and closes the index. Cursors that are still open end with
// [cairn.ErrClosed]. Called again it returns the same. The index is closed even
// if it returns an error, which then says why something may not be on stable
// storage; it will be indexed again when the index is next opened.
func (x *Index) Close() error {
	x.once.Do(func() {
		close(x.closing)
		x.writer.mu.Lock()
		defer x.writer.mu.Unlock()
		err := x.flush(nil)
		x.readers.close()
		x.files.release()
		x.closed = x.report(errors.Join(err, x.db.Close()))
		x.tasks.Wait()
	})
	return x.closed
}

// errClosed is what every call returns after Close.
var errClosed = cairn.ErrClosed
