package projection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// find finds the build to run. If there is none at all it begins the first one.
func (r *runner[Tx]) find(ctx context.Context) (b Definition, err error) {
	for {
		err := r.persist(ctx, func(ctx context.Context) error {
			b, err = r.lookFor(ctx)
			return err
		})
		switch {
		case errors.Is(err, ErrMoved): // somebody else has begun it
			continue
		case err != nil && errors.Is(err, context.Cause(ctx)):
			return b, context.Cause(ctx)
		}
		return b, err
	}
}

func (r *runner[Tx]) lookFor(ctx context.Context) (Definition, error) {
	d, raw, err := r.shown(ctx)
	if err != nil {
		return Definition{}, err
	}
	if len(d.Builds) == 0 {
		if err := r.publishable(); err != nil {
			return Definition{}, err
		}
		if _, err := r.begin(ctx, d, raw, Change{}); err != nil {
			return Definition{}, err
		}
		return r.lookFor(ctx)
	}
	b, ok := d.version(r.p.Version)
	if !ok {
		active, _ := d.build(d.Active)
		return b, &VersionError{r.p.Name, r.p.Version, active.Version, len(r.p.Tables) > 0}
	}
	return b, r.check(b)
}

func (r *runner[Tx]) publishable() error {
	if _, ok := r.target.(Publisher); !ok && len(r.p.Tables) > 0 {
		return fmt.Errorf("projection %q has Tables, and a target of type %T cannot keep builds apart: leave Tables out", r.p.Name, r.target)
	}
	return nil
}

// begin begins a build for the runner's version: its definition, its lanes and its
// tables in one step, together with what else is to change. It is in phase
// Building, from the log's first event on.
func (r *runner[Tx]) begin(ctx context.Context, d deployment, raw string, also Change) (Definition, error) {
	b := Definition{
		Build: d.Last + 1, Version: r.p.Version, Phase: Building, Query: r.query, Tables: r.p.Tables,
		Lanes: r.p.Lanes, Keyed: r.p.Key != nil, Begun: time.Now().UTC(),
	}
	c := Change{
		Expect: slices.Concat([]Entry{{r.place.deployment(), raw}}, also.Expect),
		Put:    slices.Concat([]Entry{{r.place.deployment(), d.with(b).encode()}}, also.Put),
	}
	if raw == "" {
		c.Put = append(c.Put, Entry{nameEntry(r.p.Name), nameValue(r.p.Name)})
	}
	if err := r.own(ctx, &c); err != nil {
		return Definition{}, err
	}
	for n := range b.Lanes {
		lane := r.place.lane(b.Build, n)
		c.Expect = append(c.Expect, Entry{Key: lane})
		c.Put = append(c.Put, Entry{lane, encode(Checkpoint{Updated: b.Begun})})
	}
	return b, r.set(ctx, c, b.names())
}

// set makes a change together with the tables of a build.
func (r *runner[Tx]) set(ctx context.Context, c Change, n Names) error {
	if r.p.Setup == nil {
		return r.target.Apply(ctx, c)
	}
	return r.target.Update(ctx, c, func(ctx context.Context, tx Tx) error { return r.p.setUp(ctx, tx, n) })
}

// shown is load, after readers are shown the first build if they never were: also
// if that is of another version, whose program may be gone for good.
func (r *runner[Tx]) shown(ctx context.Context) (deployment, string, error) {
	for {
		d, raw, err := r.load(ctx)
		if err != nil || !d.unshown() {
			return d, raw, err
		}
		if err := r.show(ctx, d, raw, d.Builds[0]); err != nil {
			return d, raw, err
		}
	}
}

// show makes the first build the one that readers see. Until that is done the
// deployment has none, so that the next runner does it if this one dies.
func (r *runner[Tx]) show(ctx context.Context, d deployment, raw string, b Definition) error {
	b.Phase, b.Switched = Active, time.Now().UTC()
	next := d.with(b)
	next.Active = b.Build
	c := Change{Expect: []Entry{{r.place.deployment(), raw}}, Put: []Entry{{r.place.deployment(), next.encode()}}}
	if len(b.Tables) == 0 {
		return r.target.Apply(ctx, c)
	}
	p, ok := r.target.(Publisher)
	if !ok {
		return r.publishable()
	}
	return p.Publish(ctx, c, b.Tables, b.names())
}
