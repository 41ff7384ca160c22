package ndjson

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// MaxLine is the longest line that is read, in bytes. The largest event fits,
// also when its data is base64.
const MaxLine = 32 << 20

// ErrTooLong is the error of a line over [MaxLine]. The next line can be read.
var ErrTooLong = fmt.Errorf("longer than %d MiB, so no event", MaxLine>>20)

// A Reader reads lines. Memory does not grow with what it reads.
type Reader struct {
	in     *bufio.Reader
	number int
}

// NewReader reads lines from in.
func NewReader(in io.Reader) *Reader { return &Reader{in: bufio.NewReaderSize(in, 256<<10)} }

// Number is that of the line last read, from 1.
func (r *Reader) Number() int { return r.number }

// Next returns the next line that is not blank, without its line break, in
// memory of its own. At the end the error is [io.EOF].
func (r *Reader) Next() ([]byte, error) {
	for {
		line, err := r.next()
		if err != nil {
			return nil, err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return bytes.Clone(line), nil
		}
	}
}

// next returns memory that is good until the next call.
func (r *Reader) next() ([]byte, error) {
	part, err := r.in.ReadSlice('\n')
	if err == nil || errors.Is(err, io.EOF) && len(part) > 0 {
		r.number++
		return r.withoutMark(part), nil
	}
	if !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	line := append(make([]byte, 0, 2*len(part)), part...)
	for errors.Is(err, bufio.ErrBufferFull) {
		part, err = r.in.ReadSlice('\n')
		if len(line) <= MaxLine {
			line = append(line, part...)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if r.number++; len(line) > MaxLine {
		return nil, ErrTooLong
	}
	return r.withoutMark(line), nil
}

// withoutMark drops the byte order mark that some editors begin a file with.
func (r *Reader) withoutMark(line []byte) []byte {
	if r.number == 1 {
		return bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	return line
}
