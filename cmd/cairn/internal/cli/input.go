package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An input is a file of lines, unpacked.
type input struct {
	io.Reader
	total int64 // bytes of the file as it lies there; below zero if unknown
	read  atomic.Int64
	close func() error
}

// openInput opens a file, or standard input if the path is -.
func openInput(ctx context.Context, c *console, path string) (*input, error) {
	in := &input{total: -1}
	raw, err := in.open(ctx, c, path)
	if err != nil {
		return nil, err
	}
	plain, closeUnpacker, err := unpack(io.TeeReader(raw, (*tally)(&in.read)))
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	in.Reader = plain
	in.close = func() error { closeUnpacker(); return raw.Close() }
	return in, nil
}

func (in *input) open(ctx context.Context, c *console, path string) (io.ReadCloser, error) {
	if path == "-" {
		return interruptible(ctx, c.in), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		in.total = info.Size()
	}
	return f, nil
}

// unpack recognises gzip and zstd by how they begin.
func unpack(r io.Reader) (plain io.Reader, closer func(), err error) {
	b := bufio.NewReaderSize(r, 64<<10)
	magic, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		return z, func() {}, err
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(256<<20))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
	return b, func() {}, nil
}

// A tally counts the bytes that pass.
type tally atomic.Int64

func (t *tally) Write(b []byte) (int, error) {
	(*atomic.Int64)(t).Add(int64(len(b)))
	return len(b), nil
}

// interruptible makes reads of standard input end with ctx. A read under way
// cannot be ended, so the goroutine that is in one is left to the end of the
// process.
func interruptible(ctx context.Context, in io.Reader) io.ReadCloser {
	r, w := io.Pipe()
	stop := context.AfterFunc(ctx, func() { w.CloseWithError(context.Cause(ctx)) })
	go func() {
		_, err := io.Copy(w, in)
		stop()
		w.CloseWithError(err)
	}()
	return r
}
