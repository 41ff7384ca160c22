package projection

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

// Deploy brings a version of a projection to its readers and keeps it up to date
// until ctx ends, whose cause it returns.
//
// If the version was never built, a build of it is begun beside the one that
// readers see, with tables of its own; it is loaded from the first event on,
// followed until it is level, completed by Finish, and then readers are switched to
// it in one step (see [Switch]; Manual leaves that to others). If nothing was ever
// built it is as with Run: readers see the first build at once. The build that
// readers saw before stays, for [Rollback], and is dropped after the grace time by
// whoever runs the active one.
//
// The old build is kept up to date by whoever has its code: the program of the old
// version, which needs not be stopped, and notices nothing until its build is
// dropped, when it ends with [ErrDiscarded]; or this one, if it is given the old
// Projection, too. Of those no build is begun.
//
// Deploy may be killed at any point and begun again. It may run in several programs
// at once: they share the work as Run does, and one of them switches. Every build
// of the version is run, also those that [Rebuild] has begun meanwhile. It also
// does what is asked for by [Ask].
//
// Deploy does not switch to a build that readers were taken back from by Rollback.
// A version below the one that readers see whose build was dropped is refused with
// ErrDiscarded: that code is out of date. A failure ends it, and everything that it
// runs, with the error that [Run] has; but old projections that fail are begun
// again later, as they must not hold up the new one.
func Deploy[Tx any](ctx context.Context, log Log, target Target[Tx], p Projection[Tx], o *DeployOptions, old ...Projection[Tx]) error {
	if o == nil {
		o = new(DeployOptions)
	}
	r, err := newRunner(log, target, p, &o.Options)
	if err != nil {
		return err
	}
	publisher, ok := any(target).(Publisher)
	if !ok || len(p.Tables) == 0 {
		return Run(ctx, log, target, p, &o.Options) // there can be one build only
	}
	d := &deployer[Tx]{
		log: log, target: target, publisher: publisher, o: o, version: r.p.Version,
		name: r.p.Name, place: r.place, crew: newCrew[Tx](),
	}
	if d.code, err = versions(r.p, old); err != nil {
		return err
	}
	if err := d.begun(ctx, r); err != nil {
		return err
	}
	return d.run(ctx)
}

// versions are projections by version.
func versions[Tx any](p Projection[Tx], old []Projection[Tx]) (map[int]Projection[Tx], error) {
	code := map[int]Projection[Tx]{p.Version: p}
	for i, o := range old {
		v := max(o.Version, 1)
		if _, twice := code[v]; twice || o.Name != p.Name {
			return nil, &cairn.InvalidError{Field: fmt.Sprintf("old[%d]", i), Problem: fmt.Sprintf("is version %d of %q; it must be another version of %q, each given once", v, o.Name, p.Name)}
		}
		code[v] = o
	}
	return code, nil
}

// begun makes sure that there is a build of the version.
func (d *deployer[Tx]) begun(ctx context.Context, r *runner[Tx]) error {
	for {
		err := r.persist(ctx, func(ctx context.Context) error { return d.begunOnce(ctx, r) })
		if !errors.Is(err, ErrMoved) {
			return err
		}
	}
}

func (d *deployer[Tx]) begunOnce(ctx context.Context, r *runner[Tx]) error {
	known, raw, err := r.shown(ctx)
	if err != nil {
		return err
	}
	active, _ := known.build(known.Active)
	b, there := known.version(d.version)
	switch {
	case known.Active == 0:
		_, err = r.find(ctx)
	case there:
		err = r.check(b)
	case d.version < active.Version:
		err = &VersionError{d.name, d.version, active.Version, true}
	default:
		_, err = r.begin(ctx, known, raw, Change{})
	}
	return err
}
