package disk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// What a store's directory holds. docs/format.md says more.
const (
	manifestName = "CAIRN" // what this is: a manifest as JSON
	lockName     = "LOCK"  // locked by the owner; never opened otherwise
	ownerName    = "OWNER" // the process ID of the last owner
	logDir       = "log"   // the segments
	indexDir     = "index" // derived from the log
	segmentExt   = ".seg"  // <first position>.seg
	tempExt      = ".tmp"  // being written, worthless after a crash
)

// writes is what pebble's file statistics call our writes.
const writes = vfs.WriteCategoryUnspecified

// formatVersion is the version of the manifest, the segments and the frames.
// A store of another version is refused: see docs/format.md.
const formatVersion = 1

// A manifest says that a directory is a store, and which.
type manifest struct {
	Format  int       `json:"format"`
	ID      cairn.ID  `json:"id"`
	Created time.Time `json:"created"`
}

// directory is where a store lies.
type directory struct {
	fs   vfs.FS
	path string
}

func (d directory) join(elem ...string) string {
	return d.fs.PathJoin(append([]string{d.path}, elem...)...)
}

// openManifest reads the manifest, or writes a new one into an empty or
// missing directory if create is set.
func (d directory) openManifest(create bool) (manifest, error) {
	m, err := d.look(create)
	if errors.Is(err, fs.ErrNotExist) {
		return d.create()
	}
	return m, err
}

// look reads the manifest and changes nothing. Where there is none the error is
// [fs.ErrNotExist] if a store may be created here, and [ErrNotStore] if not.
func (d directory) look(create bool) (manifest, error) {
	m, err := d.readManifest()
	if !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	names, listErr := d.list(d.path)
	segments, logErr := d.list(d.join(logDir))
	if listErr = errors.Join(listErr, logErr); listErr != nil {
		return m, listErr
	}
	for _, name := range names {
		if name != lockName && name != ownerName && name != logDir && !strings.HasSuffix(name, tempExt) {
			return m, fmt.Errorf("%w: %s holds other files (%s, ...) and no %s; name an empty or missing directory", ErrNotStore, d.path, name, manifestName)
		}
	}
	if slices.ContainsFunc(segments, isSegment) {
		return m, fmt.Errorf("%w: %s holds a log and no %s; restore that file from a backup", ErrNotStore, d.path, manifestName)
	}
	if !create {
		return m, fmt.Errorf("%w: %s holds no store", ErrNotStore, d.path)
	}
	return m, err
}

// list is what a directory holds; nothing if it is not there.
func (d directory) list(path string) ([]string, error) {
	names, err := d.fs.List(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("disk: %w", err)
	}
	return names, nil
}

func (d directory) readManifest() (m manifest, err error) {
	f, err := d.fs.Open(d.join(manifestName))
	if errors.Is(err, syscall.ENOTDIR) {
		return m, fmt.Errorf("%w: %s is not a directory", ErrNotStore, d.path)
	}
	if err != nil {
		return m, err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return m, fmt.Errorf("disk: read %s: %w", d.join(manifestName), err)
	}
	var version struct{ Format int }
	if json.Unmarshal(text, &version) != nil || version.Format <= 0 {
		return m, fmt.Errorf("%w: %s is not a store's manifest", ErrNotStore, d.join(manifestName))
	}
	if version.Format != formatVersion {
		return m, fmt.Errorf("%w: %s is in format %d, this version knows format %d; open it with the version of Cairn that wrote it, or a later one",
			ErrFormat, d.path, version.Format, formatVersion)
	}
	if err := json.Unmarshal(text, &m); err != nil || m.ID.IsZero() {
		return m, fmt.Errorf("%w: %s is damaged", ErrNotStore, d.join(manifestName))
	}
	return m, nil
}

// create makes the directories and, last and atomically, the manifest.
func (d directory) create() (manifest, error) {
	m := manifest{Format: formatVersion, ID: cairn.NewID(), Created: time.Now().UTC().Truncate(time.Second)}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, fmt.Errorf("disk: %w", err)
	}
	if err := d.fs.MkdirAll(d.join(logDir), 0o755); err != nil {
		return m, fmt.Errorf("disk: create store: %w", err)
	}
	if err := d.sync(d.path); err != nil { // or a crash may leave the manifest without it
		return m, err
	}
	return m, d.replace(manifestName, append(text, '\n'))
}

// replace writes a file whole or not at all.
func (d directory) replace(name string, text []byte) error {
	temp := d.join(name + tempExt)
	f, err := d.fs.Create(temp, writes)
	if err != nil {
		return fmt.Errorf("disk: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = d.fs.Rename(temp, d.join(name))
	}
	if err != nil {
		return fmt.Errorf("disk: write %s: %w", d.join(name), err)
	}
	return d.sync(d.path)
}

// sync makes the entries of a directory durable.
func (d directory) sync(path string) error {
	f, err := d.fs.OpenDir(path)
	if err != nil {
		return fmt.Errorf("disk: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("disk: sync %s: %w", path, err)
	}
	return nil
}

// absolute makes the name of a real directory the same whoever says it,
// because locks within one process go by name.
func absolute(on vfs.FS, path string) string {
	if on != vfs.Default {
		return path
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path
}
