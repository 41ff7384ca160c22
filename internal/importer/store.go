package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

// attempts is how often a batch is built anew because somebody else wrote to
// its streams meanwhile.
const attempts = 5

// errClosed is why a line cannot be stored in a tombstoned stream.
var errClosed = errors.New("its stream is closed for good in this store (tombstoned)")

// take adds a line to the batch, and stores the batch when it must be.
func (i *importer) take(ctx context.Context, l line) error {
	if err := i.admit(ctx, &l); err != nil {
		return err
	}
	if !i.batch.fits(&l) {
		if err := i.flush(ctx); err != nil {
			return err
		}
	}
	i.batch.add(l)
	if i.batch.full() {
		return i.flush(ctx)
	}
	return nil
}

// admit asks the caller about a line, unless one of its stream that asks for the
// same is in the batch.
func (i *importer) admit(ctx context.Context, l *line) error {
	if i.o.Admit == nil || i.batch.streams[l.Stream] && !l.closes() {
		return nil
	}
	err := i.o.Admit(l.Stream, l.closes())
	if err == nil {
		return nil
	}
	if err := i.flush(ctx); err != nil {
		return err
	}
	return &LineError{l.number, l.text, err}
}

// flush stores the batch, in parts if it has lines that cannot be stored:
// those before one are stored before it is reported.
func (i *importer) flush(ctx context.Context) error {
	for len(i.batch.lines) > 0 {
		f, err := i.persist(ctx)
		if err != nil {
			return err
		}
		i.sum.Stored += int64(len(f.lines))
		i.sum.Known += int64(f.known)
		i.batch.drop(len(f.lines) + f.known)
		if i.o.Progress != nil {
			i.o.Progress(i.sum)
		}
		if len(i.batch.lines) == 0 {
			break
		}
		l := i.batch.lines[0]
		if err := i.leaveOut(&LineError{l.number, l.text, fmt.Errorf("stream %q: %w", l.Stream, errClosed)}); err != nil {
			return err
		}
		i.batch.drop(1)
	}
	return nil
}

// persist stores what is fresh, up to the first line that cannot be.
func (i *importer) persist(ctx context.Context) (f fresh, err error) {
	for range attempts {
		if f, err = i.attempt(ctx); !errors.Is(err, cairn.ErrConflict) {
			break
		}
		if err := i.known.forgetAll(i.batch.streams); err != nil {
			return fresh{}, err
		}
	}
	return f, err
}

// attempt tries once. After a conflict nothing has changed.
func (i *importer) attempt(ctx context.Context) (fresh, error) {
	if err := i.known.learn(ctx, i.batch.streams); err != nil {
		return fresh{}, err
	}
	f, err := i.fresh()
	if err != nil || len(f.lines) == 0 {
		return f, err
	}
	if !i.o.DryRun {
		if _, err := i.store.Commit(ctx, cairn.Batch{Writes: f.writes}); err != nil {
			return fresh{}, err
		}
	}
	return f, i.known.stored(f)
}
