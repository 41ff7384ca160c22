package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// Open opens the store in a directory, creating it if the directory is empty
// or missing. A store has one owner at a time: a second one gets an
// [*InUseError]. Other errors match [ErrNotStore] or [ErrFormat] if the
// directory is not a store of this version, [cairn.ErrCorrupt] if events that
// were acknowledged are damaged, and [cairn.ErrInvalid] if an option is.
//
// The time it takes depends on what was written since the index was last made
// durable, and not on the size of the store. An index that is missing or of an
// older version is an exception: it is made again from the whole log, once.
func Open(dir string, o *Options) (*Store, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	d := directory{fs: opts.FS, path: absolute(opts.FS, dir)}
	s := &Store{dir: d, opts: opts, logger: opts.Logger}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

// OpenMemory opens a new store over files in memory: the same engine, gone when
// it is closed.
func OpenMemory(o *Options) (*Store, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	opts.FS = vfs.NewMem()
	if opts.SegmentSize == 0 {
		opts.SegmentSize = memorySegmentSize
	}
	return Open("store", &opts)
}

// memorySegmentSize is smaller because memory files grow by being copied.
const memorySegmentSize = 8 << 20

func (s *Store) open() error {
	if err := s.own(); err != nil {
		return err
	}
	if err := s.openFiles(); err != nil {
		return err
	}
	if err := s.recover(); err != nil {
		return err
	}
	s.seq = newSequencer(s)
	s.seq.lastTime = s.newestTime()
	s.commits = newCommitter(s, s.seq)
	s.indexer.owned.Go(s.indexer.run)
	return nil
}

// openFiles opens what there is, as it is.
func (s *Store) openFiles() (err error) {
	if s.manifest, err = s.dir.openManifest(s.mayCreate()); err != nil {
		return err
	}
	s.epoch = epochOf(s.ID)
	segs, err := openSegments(s.dir, s.ID, &s.opts)
	if err != nil {
		return err
	}
	s.log, s.segments, s.tail = segs, segs, &tail{limit: s.opts.TailSize}
	if segs.last() == nil && !s.opts.ReadOnly {
		// Whoever created the store may have been stopped before that was durable.
		if err := errors.Join(s.dir.sync(s.dir.path), s.dir.sync(s.dir.fs.PathDir(s.dir.path))); err != nil {
			return err
		}
	}
	s.index, err = index.Open(s.dir.fs, s.dir.join(indexDir), index.Options{
		CacheSize: s.opts.CacheSize, ReadOnly: s.opts.ReadOnly, Logger: s.logger, Store: s.ID,
	})
	if err != nil {
		return fmt.Errorf("disk: index: %w", err)
	}
	s.head, s.watchers, s.descriptions = newGate(0), newWatchers(), newDescriptions()
	s.indexer = newIndexer(s.index, &s.opts)
	s.indexer.replay = s.replay
	return nil
}

// own locks the directory, making it first if it may be made. What is no store
// it leaves as it is.
func (s *Store) own() error {
	if _, err := s.dir.look(s.mayCreate()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if s.opts.ReadOnly {
		lock, err := s.dir.lock()
		if _, inUse := errors.AsType[*InUseError](err); inUse {
			return err
		}
		s.lock = lock // nil if nobody can write to the directory anyway
		return nil
	}
	if s.mayCreate() {
		if err := s.dir.fs.MkdirAll(s.dir.path, 0o755); err != nil {
			return fmt.Errorf("disk: %w", err)
		}
		s.dir.path = absolute(s.dir.fs, s.dir.path)
	}
	lock, err := s.dir.lock()
	if s.lock = lock; err != nil {
		return err
	}
	return errors.Join(s.dir.probe(logDir), s.dir.probe(indexDir))
}

func (s *Store) mayCreate() bool { return !s.opts.MustExist && !s.opts.ReadOnly }

// probe checks that files can be made in a directory of the store, if it is
// there: better now than when the first segment is full.
func (d directory) probe(name string) error {
	if _, err := d.fs.Stat(d.join(name)); err != nil {
		return nil
	}
	path := d.join(name, "probe"+tempExt)
	f, err := d.fs.Create(path, writes)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("disk: cannot write to the store: %w; give this user the right to, or open it for reading", err)
	}
	if err != nil {
		return nil // no space, most likely: writes will say so
	}
	return errors.Join(f.Close(), d.fs.Remove(path))
}

// epochOf is what tells a store's frames from another's. It is never zero, so
// that zeros are no frame.
func epochOf(id cairn.ID) uint32 {
	return binary.LittleEndian.Uint32(id[12:]) | 1
}

// newestTime is the time the store gave last, from which the clock goes on. If
// the newest events all carry times of their own it does not matter.
func (s *Store) newestTime() int64 {
	if s.head.get() == 0 {
		return forever
	}
	r := allReader{store: s}
	stretch, _, err := r.stretch(s.head.get())
	if err != nil {
		return forever // whoever reads these events will be told
	}
	for _, e := range slices.Backward(stretch) {
		if !e.OwnTime {
			return e.Time
		}
	}
	return forever
}
