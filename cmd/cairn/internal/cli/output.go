package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/cairndb/cairn"
)

// An output is a file that appears under its name when it is complete. Until
// then it lies beside that, under a temporary one.
type output struct {
	io.Writer
	path   string
	file   *os.File
	temp   string // empty if the path is no regular file, which is written in place
	packer io.Closer
}

// createOutput begins a file, packed if its name ends in .gz or .zst.
func createOutput(path string) (*output, error) {
	o := &output{path: path}
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		o.file, err = os.OpenFile(path, os.O_WRONLY, 0)
	default:
		if real, err := filepath.EvalSymlinks(path); err == nil {
			o.path = real
		}
		o.temp = o.path + "." + cairn.NewID().String()[24:] + ".part"
		o.file, err = os.OpenFile(o.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	if err != nil {
		return nil, err
	}
	if err := o.pack(path); err != nil {
		return nil, errors.Join(err, o.discard())
	}
	return o, nil
}

func (o *output) pack(path string) error {
	switch {
	case strings.HasSuffix(path, ".gz"):
		z := gzip.NewWriter(o.file)
		o.Writer, o.packer = z, z
	case strings.HasSuffix(path, ".zst"):
		z, err := zstd.NewWriter(o.file)
		if err != nil {
			return err
		}
		o.Writer, o.packer = z, z
	default:
		o.Writer = o.file
	}
	return nil
}

// finish puts the file under its name once it is on stable storage.
func (o *output) finish() error {
	if o.packer != nil {
		if err := o.packer.Close(); err != nil {
			return errors.Join(err, o.discard())
		}
	}
	if o.temp == "" {
		return o.file.Close()
	}
	if err := o.file.Sync(); err != nil {
		return errors.Join(err, o.discard())
	}
	if err := errors.Join(o.file.Close(), os.Rename(o.temp, o.path)); err != nil {
		return errors.Join(err, os.Remove(o.temp))
	}
	return syncDir(filepath.Dir(o.path))
}

// discard takes back what was written.
func (o *output) discard() error {
	err := o.file.Close()
	if o.temp != "" {
		err = errors.Join(err, os.Remove(o.temp))
	}
	return err
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
