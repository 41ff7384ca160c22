package searchtarget

import (
	"context"
	"net/http"

	"github.com/cairndb/cairn/projection"
)

// Apply makes a change without documents.
func (t *Target) Apply(ctx context.Context, c projection.Change) error {
	return t.change(ctx, c.Expect, func(l *ledger) { l.put(c.Put) })
}

// change changes the ledger if entries stand as expected. If others change other
// entries at the same time it tries again: each time one of them has succeeded.
func (t *Target) change(ctx context.Context, expect []projection.Entry, do func(l *ledger)) error {
	for {
		l, err := t.settled(ctx)
		if err != nil {
			return err
		}
		if err := l.expect(expect); err != nil {
			return err
		}
		do(l)
		if err := t.write(ctx, l); !is(err, http.StatusConflict) {
			return err
		}
	}
}

// settled gets the ledger with nothing under way: what was is completed first.
func (t *Target) settled(ctx context.Context) (*ledger, error) {
	for {
		l, err := t.read(ctx)
		if err != nil || l.Intent == nil {
			return l, err
		}
		if _, err := t.complete(ctx, l); err != nil {
			return nil, err
		}
	}
}
