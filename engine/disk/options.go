package disk

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// Options are the settings of a store. The zero value is right for most.
type Options struct {
	// FS is where the files are. Nil means the operating system's.
	FS vfs.FS

	// MustExist refuses to create a store: the directory must hold one.
	MustExist bool

	// ReadOnly refuses every write with [cairn.ErrReadOnly] and changes
	// nothing in the log. The directory must hold a store, and may itself be
	// read-only; the process still has the store to itself.
	ReadOnly bool

	// SegmentSize is the size in bytes from which a segment file is not
	// continued. Zero means 64 MiB. It may change from one Open to the next.
	SegmentSize int64

	// CacheSize is how many bytes of index blocks to keep in memory. Zero
	// means 64 MiB.
	CacheSize int64

	// TailSize is how many bytes of the newest events to keep in memory for
	// followers. Zero means 16 MiB.
	TailSize int64

	// UnsafeNoSync leaves it to the operating system when written bytes reach
	// stable storage: a crash of the machine then loses acknowledged events.
	// It is for stores that can be thrown away.
	UnsafeNoSync bool

	// OnCommit is told of each group of batches that was written at once. It is
	// called by the writer, for one group after the other, and must be quick.
	OnCommit func(Commit)

	// Logger is told what nobody is there to receive as an error. Nil is
	// silent.
	Logger *slog.Logger

	generationEvents, durableEvents, openSegments int // instead of the constants, for tests
}

// A Commit describes a group of batches that was written and synced at once.
type Commit struct {
	Batches  int           // that were asked for, refused ones too
	Events   int           // that were stored
	Bytes    int           // that were written to the log
	Duration time.Duration // of writing and syncing
	Err      error         // why nothing was stored, if so
}

const (
	defaultSegmentSize = 64 << 20
	minSegmentSize     = 4 << 10
	maxSegmentSize     = 1 << 30
	defaultCacheSize   = 64 << 20
	defaultTailSize    = 16 << 20
)

// withDefaults fills and checks the options.
func (o *Options) withDefaults() (Options, error) {
	var all Options
	if o != nil {
		all = *o
	}
	if all.FS == nil {
		all.FS = vfs.Default
	}
	if all.Logger == nil {
		all.Logger = slog.New(slog.DiscardHandler)
	}
	all.SegmentSize = cmp.Or(all.SegmentSize, defaultSegmentSize)
	all.CacheSize = cmp.Or(all.CacheSize, defaultCacheSize)
	all.TailSize = cmp.Or(all.TailSize, defaultTailSize)
	if all.SegmentSize < minSegmentSize || all.SegmentSize > maxSegmentSize {
		return all, outOfRange("segment size", all.SegmentSize, minSegmentSize, maxSegmentSize)
	}
	if all.CacheSize < 0 {
		return all, outOfRange("cache size", all.CacheSize, 0, 1<<40)
	}
	if all.TailSize < 0 {
		return all, outOfRange("tail size", all.TailSize, 0, 1<<40)
	}
	return all, nil
}

func outOfRange(field string, n, low, high int64) error {
	return &cairn.InvalidError{Field: field, Problem: fmt.Sprintf("%d is not between %d and %d bytes", n, low, high)}
}
