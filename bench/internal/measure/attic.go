package measure

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// An Attic is where finished directories go. Deleting a large file makes many
// devices discard its blocks, which slows down whatever runs in the next ten
// seconds; so nothing is deleted before the end, and then slowly.
type Attic struct {
	dir   string
	count int
}

// NewAttic makes an attic inside a directory, which must be on the file system
// of what is to be moved there.
func NewAttic(dir string) (*Attic, error) {
	a := &Attic{dir: filepath.Join(dir, "attic")}
	return a, os.MkdirAll(a.dir, 0o755)
}

// Keep moves a directory to the attic. One that does not exist is fine.
func (a *Attic) Keep(dir string) error {
	a.count++
	return ignoreGone(os.Rename(dir, filepath.Join(a.dir, fmt.Sprint(a.count))))
}

// Empty deletes everything in the attic in small steps, or at once if the
// context ends.
func (a *Attic) Empty(ctx context.Context) error {
	err := filepath.WalkDir(a.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return shrink(ctx, path)
	})
	if err := os.RemoveAll(a.dir); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

const (
	shrinkStep  = 64 << 20
	shrinkPause = 20 * time.Millisecond
)

// shrink truncates a file step by step and leaves it empty.
func shrink(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	for size := info.Size(); size > 0; {
		size = max(size-shrinkStep, 0)
		if err := os.Truncate(path, size); err != nil {
			return err
		}
		if err := Pause(ctx, shrinkPause); err != nil {
			return err
		}
	}
	return nil
}

// Pause waits, but not longer than the context lasts.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
