package projection

import (
	"context"
	"errors"
	"time"
)

// Drop drops a build of a projection: its tables, and all that was remembered of
// it. Its runners end with [ErrDiscarded]. The build that readers see cannot be
// dropped, and fails with a [*cairn.InvalidError]; a build that is not there is an
// [ErrUnknown].
//
// It is done in steps, because there may be much to remove. A Drop that did not
// come to its end is finished by whoever runs the build that readers see, or by
// another Drop.
func Drop(ctx context.Context, publisher Publisher, name string, build int) error {
	if err := checkName("name", name); err != nil {
		return err
	}
	x := discarder{publisher, name, placeOf(name)}
	b, err := x.condemn(ctx, build, func(*Definition) bool { return true })
	if err != nil || b == nil {
		return err
	}
	return x.discard(ctx, b)
}

// dropDue drops the builds whose time has come, and those of which somebody has
// begun to drop them. It returns when the next one is due; zero if none is.
func (x discarder) dropDue(ctx context.Context) (next time.Time, err error) {
	d, _, err := loadDeployment(ctx, x.publisher, x.place)
	if err != nil {
		return next, err
	}
	for i := range d.Builds {
		b := &d.Builds[i]
		switch {
		case b.Phase == Dropping || overdue(b):
			err = errors.Join(err, x.dropOverdue(ctx, b.Build))
		case !b.DropAt.IsZero() && (next.IsZero() || b.DropAt.Before(next)):
			next = b.DropAt
		}
	}
	return next, err
}

func overdue(b *Definition) bool {
	return b.Phase == Dropping || b.Phase != Active && !b.DropAt.IsZero() && !time.Now().Before(b.DropAt)
}

// dropOverdue drops a build, unless somebody has decided otherwise meanwhile.
func (x discarder) dropOverdue(ctx context.Context, build int) error {
	b, err := x.condemn(ctx, build, overdue)
	if errors.Is(err, ErrUnknown) {
		return nil // somebody else has done it
	}
	if err != nil || b == nil {
		return err
	}
	return x.discard(ctx, b)
}
