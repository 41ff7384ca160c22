package projection

import (
	"context"
	"errors"
	"time"
)

// How long one attempt to switch takes at most, and how long to wait for the next
// if the build does not become level before.
const (
	switchWithin = 5 * time.Second
	switchAgain  = 2 * time.Second
)

// promote completes a build when it is level, and switches readers to it if that is
// to be done.
func (d *deployer[Tx]) promote(ctx context.Context, r *runner[Tx], b Definition, leveled <-chan struct{}) error {
	if b.Leveled.IsZero() {
		select {
		case <-leveled:
		case <-ctx.Done():
			return nil
		}
		if err := r.complete(ctx, b.Build); err != nil {
			return err
		}
	}
	for b.Version == d.version && !d.o.Manual {
		done, err := d.promoted(ctx, r, b.Build)
		if done || err != nil {
			return err
		}
		again := time.NewTimer(switchAgain)
		select {
		case <-leveled:
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
		again.Stop()
	}
	return nil
}

// promoted switches readers to a build that is level. Nothing is to be done for one
// that they were taken back from, or that a later one has overtaken.
func (d *deployer[Tx]) promoted(ctx context.Context, r *runner[Tx], build int) (done bool, err error) {
	known, _, err := r.load(ctx)
	if err != nil {
		return false, d.unlessDown(err)
	}
	b, there := known.build(build)
	if !there || b.Phase != Level || build < known.Active {
		return true, nil
	}
	o := d.o.switching()
	o.Key = r.p.Key
	err = Switch(ctx, d.log, d.publisher, d.name, build, &o)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, ErrBehind), errors.Is(err, ErrMoved):
		return false, nil
	}
	return false, d.unlessDown(err)
}
