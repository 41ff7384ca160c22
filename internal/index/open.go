package index

import (
	"bytes"
	"errors"
	"fmt"
	iofs "io/fs"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// format is the version of what is stored. An index of another one is not
// read: a new one is made in its place. Format 3 is format 2 with an event under
// the tag that its metadata implies; see [cairn.ImpliedTag].
const format = 3

// errUnusable marks the errors that a new index puts right.
var errUnusable = errors.New("index cannot be used")

// openOrRebuild opens the index, an empty one in place of one that cannot be
// used.
func openOrRebuild(fs vfs.FS, dir string, o Options) (*Index, error) {
	x, err := open(fs, dir, o)
	if !errors.Is(err, errUnusable) {
		return x, err
	}
	o.Logger.Warn("index: starting anew, to be rebuilt from the log", "dir", dir, "reason", err)
	if err := remove(fs, dir); err != nil {
		return nil, fmt.Errorf("index: removing what cannot be used: %w", err)
	}
	return open(fs, dir, o)
}

// openReadOnly opens the index without writing to its directory.
func openReadOnly(fs vfs.FS, dir string, o Options) (*Index, error) {
	if _, err := fs.Stat(dir); err == nil {
		overlay, err := newOverlayFS(fs, dir)
		if err != nil {
			return nil, err
		}
		x, err := open(overlay, dir, o)
		if !errors.Is(err, errUnusable) {
			return x, err
		}
		o.Logger.Warn("index: kept in memory, to be rebuilt from the log", "dir", dir, "reason", err)
	}
	return open(vfs.NewMem(), dir, o)
}

// open opens or creates an index. An error that matches errUnusable means that
// there is one which cannot be used.
func open(fs vfs.FS, dir string, o Options) (*Index, error) {
	if _, err := fs.Stat(fs.PathJoin(dir, damagedFile)); err == nil {
		return nil, fmt.Errorf("%w: it was found to be damaged", errUnusable)
	}
	x := &Index{dir: dir, options: o, closing: make(chan struct{})}
	x.health.changed = make(chan struct{})
	x.files = newPatientFS(fs, func(err error) { x.attempted("manifest", &x.health.manifest, err) })
	x.readers, x.recent = newReaders(x), newRecent()
	db, err := x.openPebble()
	if err != nil {
		return nil, err
	}
	x.db = db
	if err := x.identify(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	x.files.begin()
	return x, nil
}

// openPebble opens the database. What the system refuses is an error, all else
// makes the index unusable.
func (x *Index) openPebble() (db *pebble.DB, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errUnusable, r)
		}
	}()
	if err := x.files.MkdirAll(x.dir, 0o755); err != nil {
		return nil, err
	}
	lock, err := pebble.LockDirectory(x.dir, x.files)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	o := x.pebbleOptions(x.files)
	o.Lock = lock
	db, err = pebble.Open(x.dir, o)
	if err == nil || refused(err) {
		return db, x.report(err)
	}
	return nil, fmt.Errorf("%w: %w", errUnusable, err)
}

// refused reports whether an error is the operating system's, and not about a
// file that is missing.
func refused(err error) bool {
	if _, ok := errors.AsType[syscall.Errno](err); !ok {
		return errors.Is(err, iofs.ErrPermission)
	}
	return !errors.Is(err, iofs.ErrNotExist)
}

// identify reads whose index it is and how far it goes. A new one is given the
// identity, which reaches stable storage no later than the first checkpoint.
func (x *Index) identify() error {
	identity, err := x.get(identityKey)
	if err == nil && identity == nil {
		x.checkpoint.Store(new(Checkpoint))
		return x.baptize()
	}
	if err == nil && !bytes.Equal(identity, x.identity()) {
		err = foreign(identity)
	}
	var c Checkpoint
	if err == nil {
		c, err = x.storedCheckpoint()
	}
	if err != nil && !refused(err) && !errors.Is(err, errUnusable) {
		err = fmt.Errorf("%w: %w", errUnusable, err)
	}
	x.checkpoint.Store(&c)
	return err
}

func (x *Index) identity() []byte { return append([]byte{format}, x.options.Store[:]...) }

// baptize writes the identity of a new index.
func (x *Index) baptize() error {
	x.writer.pending += len(identityKey) + nodeSize
	return x.report(x.db.Set([]byte(identityKey), x.identity(), pebble.NoSync))
}

// foreign says why an index with another identity cannot be used.
func foreign(identity []byte) error {
	if len(identity) != 1+len(cairn.ID{}) {
		return fmt.Errorf("%w: its format is not known", errUnusable)
	}
	if identity[0] != format {
		return fmt.Errorf("%w: its format is %d, and this version of Cairn reads format %d", errUnusable, identity[0], format)
	}
	return fmt.Errorf("%w: it belongs to store %v", errUnusable, cairn.ID(identity[1:]))
}

func (x *Index) storedCheckpoint() (Checkpoint, error) {
	value, err := x.get(checkpointKey)
	if err != nil || value == nil {
		return Checkpoint{}, err
	}
	var n [3]uint64
	err = decodeNumbers(value, n[:])
	return Checkpoint{Position: cairn.Position(n[0]), Address: n[1], Streams: n[2]}, err
}

// get returns a copy of a key's value, nil if there is none.
func (x *Index) get(key string) ([]byte, error) {
	value, closer, err := x.db.Get([]byte(key))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return bytes.Clone(value), closer.Close()
}
