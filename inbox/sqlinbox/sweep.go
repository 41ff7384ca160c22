package sqlinbox

import (
	"context"
	"fmt"
	"time"
)

// Sweep forgets what is older than Options.Keep, in batches that hold no lock
// for long, and says how many that were. Sweeping while others handle or sweep
// is safe.
func (in *Inbox) Sweep(ctx context.Context) (swept int64, err error) {
	for {
		n, err := in.sweepSome(ctx)
		swept += n
		if err != nil {
			return swept, fmt.Errorf("sqlinbox: sweep %q: %w", in.name, err)
		}
		if n < int64(in.o.SweepBatch) {
			return swept, nil
		}
	}
}

func (in *Inbox) sweepSome(ctx context.Context) (n int64, err error) {
	err = in.again(ctx, func() error {
		r, err := in.db.ExecContext(ctx, in.sql.sweep, in.name, int64(in.o.Keep/time.Second), in.o.SweepBatch)
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	return n, err
}

// Run sweeps now and then until ctx ends, and returns its cause, or the error of
// a sweep.
func (in *Inbox) Run(ctx context.Context) error {
	every := time.NewTicker(in.o.SweepEvery)
	defer every.Stop()
	for {
		if _, err := in.Sweep(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-every.C:
		}
	}
}
