package memtarget

import (
	"context"

	"github.com/cairndb/cairn/projection"
)

// patience is how often a transaction is run again before it is run alone.
const patience = 8

// Update implements [projection.Target]. Its function may be run more than once.
func (t *Target) Update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx *Tx) error) error {
	for range patience {
		if written, err := t.attempt(ctx, c, fn, t.lock); written || err != nil {
			return err
		}
	}
	end, err := t.beAlone(ctx)
	if err != nil {
		return err
	}
	defer end()
	_, err = t.attempt(ctx, c, fn, t.lockAlone)
	return err
}

// attempt runs a transaction once. If it has read what is no longer so, it is not
// written and must be run again: even an error of fn may be due to that.
func (t *Target) attempt(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx *Tx) error, lock func(context.Context) error) (written bool, err error) {
	if err := t.look(ctx, c); err != nil {
		return false, err
	}
	tx := &Tx{target: t, tables: map[string]*overlay{}}
	failure := fn(ctx, tx)
	if err := lock(ctx); err != nil {
		return false, err
	}
	defer t.mu.Unlock()
	switch {
	case !t.ledger.stands(c.Expect):
		return false, projection.ErrMoved
	case !tx.holds():
		return false, nil
	case failure != nil:
		return false, failure
	}
	tx.write()
	t.ledger.put(c.Put)
	return true, nil
}

// look is the check before the work.
func (t *Target) look(ctx context.Context, c projection.Change) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if !t.ledger.stands(c.Expect) {
		return projection.ErrMoved
	}
	return nil
}
