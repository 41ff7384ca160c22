package cli

import (
	"errors"
	"fmt"

	"github.com/cairndb/cairn/engine/disk"
)

// withStore opens the store, calls fn and closes it, whatever fn returns.
func withStore(g *globals, o disk.Options, fn func(*disk.Store) error) error {
	s, err := disk.Open(g.store, &o)
	if err != nil {
		return err
	}
	err = fn(s)
	if closed := s.Close(); closed != nil {
		err = errors.Join(err, fmt.Errorf("closing the store: %w", closed))
	}
	return err
}

// reading is how commands that write nothing open a store.
func reading() disk.Options { return disk.Options{MustExist: true, ReadOnly: true} }
