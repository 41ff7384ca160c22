package projection

import (
	"context"
	"errors"
	"time"
)

// errStale is the outcome of a batch for which parked keys were other ones than
// they are.
var errStale = errors.New("parked keys have changed")

// apply applies events in one transaction. The failure is that of an event, after
// which nothing was changed; err is anything else.
func (l *lane[Tx]) apply(ctx context.Context, events []*Event) (failure, err error) {
	for {
		b, failure := l.prepare(events)
		if failure != nil {
			return failure, nil
		}
		began := time.Now()
		failure, err = l.commit(ctx, b)
		if errors.Is(err, errStale) {
			continue
		}
		if took := time.Since(began); failure == nil && err == nil {
			l.size.learn(len(events), took)
			if l.o.OnApplied != nil {
				l.o.OnApplied(b.next.Position, len(events), took)
			}
		}
		return failure, err
	}
}

// commit makes a batch happen, and finds out whether it has.
func (l *lane[Tx]) commit(ctx context.Context, b *batch) (failure, err error) {
	p := patience[Tx]{r: l.runner}
	for {
		err, own := l.once(ctx, b)
		if err != nil && own == nil {
			err = l.outcome(ctx, b, err)
		}
		switch cause := context.Cause(ctx); {
		case err != nil && cause != nil:
			return nil, cause
		case err == nil:
			p.end()
			l.done(b)
			return nil, nil
		case own == nil && (errors.Is(err, ErrMoved) || errors.Is(err, ErrDiscarded) || errors.Is(err, errStale)):
			return nil, err
		case l.target.Fault(err) == FaultEvent && len(b.apply) > 0:
			p.end()
			return err, nil
		}
		if err := p.wait(ctx, err); err != nil {
			return nil, err
		}
	}
}

// once tries a batch once. If it failed by what the handler returned, that is own.
func (l *lane[Tx]) once(ctx context.Context, b *batch) (err, own error) {
	if len(b.apply) == 0 {
		return l.target.Apply(ctx, b.Change), nil
	}
	err = l.target.Update(ctx, b.Change, func(ctx context.Context, tx Tx) error {
		own = guarded(ctx, tx, b.apply, l.p.Handler.Apply)
		return own
	})
	if err == nil {
		own = nil
	}
	return err, own
}

// outcome finds out whether a batch has happened although there was an error. It
// returns nil if it has, and the error if it has not.
func (l *lane[Tx]) outcome(ctx context.Context, b *batch, failed error) error {
	found, err := l.stands(ctx)
	switch {
	case err != nil:
		return err
	case found.Value == b.value:
		return nil
	case found.Value != l.value:
		return ErrMoved
	case errors.Is(failed, ErrMoved):
		if len(b.Expect) == 1 {
			return failed // the target says so, and nobody knows why
		}
		keys, err := l.parkedKeys(ctx)
		if err != nil {
			return err
		}
		l.keys = keys[l.n]
		return errStale
	}
	return failed
}

// done takes note of a batch that has happened.
func (l *lane[Tx]) done(b *batch) {
	l.at, l.value, l.wrote = b.next, b.value, b.next.Updated
	for _, e := range b.keys {
		if l.keys == nil {
			l.keys = map[string]string{}
		}
		l.keys[e.Key] = e.Value
	}
	l.mu.Lock()
	l.shown.Applied += uint64(len(b.apply))
	l.mu.Unlock()
	l.show()
}
