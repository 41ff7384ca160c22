package index

import (
	"cmp"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// Options are the settings of an index.
type Options struct {
	// CacheSize is how many bytes of blocks to keep in memory. Zero means
	// 32 MiB. What is not yet flushed takes up to 64 MiB beside it.
	CacheSize int64

	// ReadOnly writes nothing to the file system. What is applied is kept in
	// memory and forgotten on Close; so is the whole index, if the directory
	// has none that can be used.
	ReadOnly bool

	// Logger is told what nobody is there to receive as an error. Nil is
	// silent.
	Logger *slog.Logger

	// Store is the store that the index belongs to. The index of another store
	// is thrown away.
	Store cairn.ID

	// OnBackgroundError, if it is set, is called with each failed attempt to
	// write in the background. It must not block, nor call the index.
	OnBackgroundError func(error)
}

func (o *Options) withDefaults() {
	o.CacheSize = cmp.Or(o.CacheSize, 32<<20)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.OnBackgroundError == nil {
		o.OnBackgroundError = func(error) {}
	}
}

const (
	// flushSize is how much is gathered in memory before it is flushed, and
	// memtableSize is above it: the index begins its flushes itself.
	flushSize    = 28 << 20
	memtableSize = 32 << 20

	// l0Compact is how many flushes may lie above each other before they are
	// compacted, l0Stop how many before writing waits for that.
	l0Compact = 8
	l0Stop    = 32

	noStop = 1 << 20 // for limits of Pebble's that the index keeps itself
)

// pebbleOptions are Pebble's settings for an index.
func (x *Index) pebbleOptions(fs vfs.FS) *pebble.Options {
	o := &pebble.Options{
		FS:                    fs,
		Comparer:              comparer,
		Merger:                merger,
		FormatMajorVersion:    pebble.FormatTableFormatV6,
		DisableWAL:            true,
		CacheSize:             x.options.CacheSize + 2*memtableSize, // Pebble counts memtables in
		MemTableSize:          memtableSize,
		L0CompactionThreshold: l0Compact,
		LBaseMaxBytes:         64 << 20,
		MaxOpenFiles:          512,
		Logger:                pebbleLog{x},
		EventListener:         x.listener(),

		// Compacting would copy the directory into memory.
		DisableAutomaticCompactions: x.options.ReadOnly,

		MemTableStopWritesThreshold: noStop,
		L0StopWritesThreshold:       noStop,
	}
	o.Levels[0] = pebble.LevelOptions{
		BlockSize:      8 << 10,
		IndexBlockSize: 64 << 10,
		FilterPolicy:   bloom.FilterPolicy(10),
		Compression:    func() *sstable.CompressionProfile { return sstable.SnappyCompression },
	}
	o.Experimental.SpanPolicyFunc = func([]byte) (pebble.SpanPolicy, []byte, error) {
		// Older blocks are read as often as the newest of a term.
		return pebble.SpanPolicy{DisableValueSeparationBySuffix: true}, nil, nil
	}
	o.TargetFileSizes[0] = 16 << 20 // few files: a lookup opens one in every level
	return o
}

// pebbleLog gives Pebble's log to ours. Its chatter is dropped: what matters of
// it comes as events.
type pebbleLog struct{ x *Index }

func (pebbleLog) Infof(string, ...any) {}

func (l pebbleLog) Errorf(format string, args ...any) {
	l.x.options.Logger.Error("index: " + fmt.Sprintf(format, args...))
}

// Fatalf is called where Pebble can neither go on nor return an error. While
// the index is opened it does return one, of a manifest that could not be
// written; at any other time that does not reach Pebble (see files.go), and
// what else comes here is a state that must not be.
func (l pebbleLog) Fatalf(format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	l.x.options.Logger.Error("index: " + message)
	if l.x.files.phase.Load() != opening {
		panic("index: " + message)
	}
}
