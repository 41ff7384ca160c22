package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	cairnclient "github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/engine/disk"
)

// withStore opens the store, or connects to the server that has it, calls fn
// and closes it, whatever fn returns. The options are those of a store that is
// opened.
func withStore(ctx context.Context, g *globals, o disk.Options, fn func(cairn.Store) error) error {
	if g.server == "" {
		return withDisk(g, o, func(s *disk.Store) error { return fn(s) })
	}
	s, err := dial(ctx, g.server)
	if err != nil {
		return err
	}
	return closing(s, fn(s))
}

// withDisk opens a store of this machine.
func withDisk(g *globals, o disk.Options, fn func(*disk.Store) error) error {
	s, err := disk.Open(g.store, &o)
	if err != nil {
		return err
	}
	return closing(s, fn(s))
}

func closing(s cairn.Store, err error) error {
	if closed := s.Close(); closed != nil {
		err = errors.Join(err, fmt.Errorf("closing the store: %w", closed))
	}
	return err
}

// reading is how commands that write nothing open a store.
func reading() disk.Options { return disk.Options{MustExist: true, ReadOnly: true} }

// dialTime is how long a command looks for a server that does not answer.
const dialTime = 10 * time.Second

var errNoAnswer = errors.New("the server did not answer in time")

func dial(ctx context.Context, url string) (cairn.Store, error) {
	within, cancel := context.WithTimeoutCause(ctx, dialTime, errNoAnswer)
	defer cancel()
	return cairnclient.Dial(within, url, nil)
}
