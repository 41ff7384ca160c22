package filetarget

import (
	"context"
	"errors"
	"io"

	"github.com/cairndb/cairn/projection"
)

// A Target writes read models as files of a directory. It implements
// [projection.Target] and [projection.Withdrawer]. Its methods may be called
// concurrently. The bookkeeping is kept in memory, and is written anew with each
// rotation.
type Target struct {
	disk disk
	o    Options
	lock io.Closer

	turn    chan struct{} // held by whoever uses what follows
	state   *state        // nil if it must be read from the disk again
	journal file
	closed  bool

	rows chan struct{} // has a value when rows have begun to wait
	stop context.CancelFunc
	done chan struct{} // closed when nobody waits for rows any more
}

var (
	_ projection.Target[*Tx] = (*Target)(nil)
	_ projection.Withdrawer  = (*Target)(nil)
)

// Open opens a directory, and makes it if it is not there. It fails with [ErrLocked]
// if another target has it open, and with [cairn.ErrCorrupt] if it finds damage.
// What a crash has left is tidied up. The target must be closed.
func Open(dir string, o *Options) (*Target, error) { return open(folder(dir), o) }

func open(d disk, o *Options) (*Target, error) {
	options, err := o.orDefaults()
	if err != nil {
		return nil, err
	}
	if err := d.Mkdir(""); err != nil {
		return nil, failed(err)
	}
	lock, err := d.Lock("lock")
	if errors.Is(err, ErrLocked) {
		return nil, err
	}
	if err != nil {
		return nil, failed(err)
	}
	t := &Target{disk: d, o: options, lock: lock, turn: make(chan struct{}, 1), rows: make(chan struct{}, 1), done: make(chan struct{})}
	if _, err := t.ready(); err != nil {
		return nil, errors.Join(err, t.release())
	}
	ctx, stop := context.WithCancel(context.Background())
	t.stop = stop
	go t.watch(ctx)
	return t, nil
}

// Close rotates, so that readers see all rows, and ends the use of the directory.
// Updates that are under way fail with [ErrClosed]. Closing again does nothing.
func (t *Target) Close() error {
	t.stop()
	<-t.done
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	if t.closed {
		return nil
	}
	t.closed = true
	_, err := t.ready()
	if err == nil {
		err = t.seal()
	}
	return errors.Join(err, t.release())
}

// release lets go of the files that are open.
func (t *Target) release() error {
	var err error
	if t.journal != nil {
		err = t.journal.Close()
	}
	return failed(errors.Join(err, t.lock.Close()))
}

// Flush rotates, so that readers see all rows of updates that have returned.
func (t *Target) Flush(ctx context.Context) error {
	_, done, err := t.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	return t.seal()
}

// take waits for the turn, which done gives back, and sees to it that there is a
// state.
func (t *Target) take(ctx context.Context) (s *state, done func(), err error) {
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, context.Cause(ctx)
	}
	done = func() { <-t.turn }
	if err = ErrClosed; !t.closed {
		s, err = t.ready()
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return s, done, nil
}

// ready returns the state. If the last operation has failed, it is what the disk
// says, and that was written anew.
func (t *Target) ready() (*state, error) {
	if t.state != nil {
		return t.state, nil
	}
	s, err := recall(t.disk)
	if err != nil {
		return nil, err
	}
	if err := t.rotate(s, s.manifest.successor()); err != nil {
		return nil, err
	}
	if err := t.tidy(s.manifest); err != nil {
		return nil, err
	}
	t.state = s
	return s, nil
}

// Traits implements [projection.Ledger].
func (t *Target) Traits() projection.Traits {
	return projection.Traits{Transactional: true, Undoes: true}
}

// Entries implements [projection.Ledger].
func (t *Target) Entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	s, done, err := t.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return s.under(prefix), nil
}

// Apply implements [projection.Ledger].
func (t *Target) Apply(ctx context.Context, c projection.Change) error {
	return t.commit(ctx, c, &record{})
}
