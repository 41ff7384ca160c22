package projection

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// complete runs Finish on a build that is level, and says in the deployment that
// it is. Of several who do that, one does it.
func (r *runner[Tx]) complete(ctx context.Context, build int) error {
	for {
		err := r.persist(ctx, func(ctx context.Context) error { return r.completeOnce(ctx, build) })
		switch {
		case errors.Is(err, ErrMoved):
			continue
		case err != nil && context.Cause(ctx) == nil && !errors.Is(err, ErrDiscarded):
			return fmt.Errorf("projection %q: completing build %d: %w", r.p.Name, build, err)
		}
		return err
	}
}

func (r *runner[Tx]) completeOnce(ctx context.Context, build int) error {
	d, raw, err := r.load(ctx)
	if err != nil {
		return err
	}
	b, there := d.build(build)
	switch {
	case !there || b.Phase == Dropping:
		return ErrDiscarded
	case !b.Leveled.IsZero():
		return nil
	case b.Phase == Building:
		b.Phase = Level
	}
	b.Leveled = time.Now().UTC()
	key := r.place.deployment()
	c := Change{Expect: []Entry{{key, raw}}, Put: []Entry{{key, d.with(b).encode()}}}
	return r.target.Update(ctx, c, func(ctx context.Context, tx Tx) error { return r.finish(ctx, tx, b.names()) })
}

// finish runs Finish. A panic is its error.
func (r *runner[Tx]) finish(ctx context.Context, tx Tx, n Names) error {
	if r.p.Finish == nil {
		return nil
	}
	return safely(func() error { return r.p.Finish(ctx, tx, n) })
}
