package measure

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Remove deletes a directory in small steps, or at once if the context ends.
// Deleting a large file makes many devices discard its blocks, which slows down
// whatever runs in the next ten seconds and more; so nothing should be deleted
// while there is something left to measure.
func Remove(ctx context.Context, dir string) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return ignoreGone(err)
		}
		return ignoreGone(shrink(ctx, path))
	})
	if ctx.Err() != nil {
		err = nil // it was asked to hurry
	}
	return errors.Join(err, os.RemoveAll(dir))
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
