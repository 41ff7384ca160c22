package index

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cairndb/cairn"
)

// rebuild is the way out of every kind of damage.
const rebuild = "close the store and delete its index directory: it is rebuilt from the log when the store is opened"

var errKey = errors.New("malformed key")

// pebbleCorruption marks an error so that Pebble takes it for what it is.
func pebbleCorruption(err error) error { return fmt.Errorf("%w: %w", pebble.ErrCorruption, err) }

// report translates an error of Pebble's: damage becomes a
// [*cairn.CorruptError], a full disk matches [cairn.ErrNoSpace].
func (x *Index) report(err error) error {
	switch {
	case err == nil, errors.Is(err, cairn.ErrNoSpace), errors.Is(err, cairn.ErrCorrupt):
		return err
	case pebble.IsCorruptionError(err):
		return x.damage(err)
	case noSpace(err):
		return fmt.Errorf("index: %w: %w", cairn.ErrNoSpace, err)
	}
	return fmt.Errorf("index: %w", err)
}

func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// damage says which file is damaged, and where if the message tells: a block is
// named by its offset and length there.
func (x *Index) damage(err error) error {
	problem, _, _ := strings.Cut(err.Error(), "\n")
	e := &cairn.CorruptError{Path: x.dir, Problem: problem, Hint: rebuild}
	if info := pebble.ExtractDataCorruptionInfo(err); info != nil {
		e.Path = info.Path
	}
	if _, block, ok := strings.Cut(problem, ": block "); ok {
		offset, _, _ := strings.Cut(block, "/")
		e.Offset, _ = strconv.ParseInt(offset, 10, 64) // zero, as for all other damage, if it is none
	}
	return e
}
