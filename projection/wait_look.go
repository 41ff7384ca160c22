package projection

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn"
)

// A look is at the bookkeeping of one projection, by somebody who does not run it.
type look struct {
	log    Log
	ledger Ledger
	name   string
	place  place
}

func lookAt(log Log, ledger Ledger, name string) (*look, error) {
	if err := checkName("name", name); err != nil {
		return nil, err
	}
	return &look{log, ledger, name, placeOf(name)}, nil
}

// deployment returns what is known of the projection's builds. One that nobody
// has begun yet is ErrUnknown.
func (l *look) deployment(ctx context.Context) (deployment, error) {
	d, raw, err := loadDeployment(ctx, l.ledger, l.place)
	if err == nil && raw == "" {
		err = fmt.Errorf("%w: projection %q was never begun here", ErrUnknown, l.name)
	}
	return d, err
}

// here returns the deployment, if it was built from the store at hand.
func (l *look) here(ctx context.Context) (deployment, error) {
	d, err := l.deployment(ctx)
	if err != nil {
		return d, err
	}
	info, err := l.log.Info(ctx)
	if err == nil && info.ID != d.Store {
		err = &StoreError{Projection: l.name, Built: d.Store, Here: info.ID}
	}
	return d, err
}

// build returns the definition of a build; zero asks for the one readers see.
func (l *look) build(d *deployment, number int) (Definition, error) {
	if number == 0 {
		number = d.Active
	}
	switch b, ok := d.build(number); {
	case ok:
		return b, nil
	case number == 0:
		return b, fmt.Errorf("%w: projection %q has no build yet that readers see", ErrUnknown, l.name)
	default:
		return b, fmt.Errorf("%w: projection %q has no build %d", ErrUnknown, l.name, number)
	}
}

// lanes returns the checkpoints of a build, by the numbers of the lanes.
func (l *look) lanes(ctx context.Context, b *Definition) ([]Checkpoint, error) {
	found, err := l.ledger.Entries(ctx, l.place.lanes(b.Build))
	if err != nil {
		return nil, fmt.Errorf("projection %q: looking for the checkpoints of build %d: %w", l.name, b.Build, err)
	}
	values := make(map[string]Entry, len(found))
	for _, e := range found {
		values[e.Key] = e
	}
	all := make([]Checkpoint, max(b.Lanes, 1))
	for n := range all {
		e, ok := values[l.place.lane(b.Build, n)]
		if !ok {
			return nil, fmt.Errorf("%w: lane %d of build %d of projection %q has no checkpoint", ErrUnknown, n, b.Build, l.name)
		}
		if err := decode(e, &all[n]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// typed reports whether every filter of a query names types.
func typed(q cairn.Query) bool {
	for i := range q {
		if q[i].Types == nil {
			return false
		}
	}
	return q != nil
}
