package projection

import (
	"context"
	"errors"
	"time"
)

// A deployer runs the builds of a projection whose code it has.
type deployer[Tx any] struct {
	log       Log
	target    Target[Tx]
	publisher Publisher
	o         *DeployOptions
	name      string
	place     place
	version   int                    // the one that is deployed
	code      map[int]Projection[Tx] // by version
	crew      *crew[Tx]
	resting   map[int]respite // builds of old versions that failed
}

// A respite is when a build is begun again that has failed.
type respite struct {
	until time.Time
	last  time.Duration
}

// How often a deployer looks for builds that were begun or dropped, and how long it
// leaves old ones alone that fail.
const (
	lookEvery    = time.Second
	leastRespite = time.Second
	mostRespite  = time.Minute
)

// run runs everything until ctx ends or something fails.
func (d *deployer[Tx]) run(ctx context.Context) error {
	d.resting = map[int]respite{}
	return together(ctx, d.supervise, d.report(), d.attend(), d.listen,
		tidying(d.publisher, d.name, d.crew.here))
}

// supervise begins a runner for each build, and waits for all of them.
func (d *deployer[Tx]) supervise(ctx context.Context) (err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer d.crew.wg.Wait()
	defer func() { end(err) }()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		if err := d.staff(ctx); err != nil {
			return err
		}
		select {
		case e := <-d.crew.ended:
			if err := d.mourn(e); err != nil {
				return err
			}
		case <-look.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// staff begins a runner for each build that has none. A database that is down is
// asked again later.
func (d *deployer[Tx]) staff(ctx context.Context) error {
	known, _, err := loadDeployment(ctx, d.publisher, d.place)
	if err != nil {
		return d.unlessDown(err)
	}
	own := false
	for _, b := range known.Builds {
		p, mine := d.code[b.Version]
		if !mine || b.Phase == Dropping {
			continue
		}
		own = own || b.Version == d.version
		if !d.crew.here(b.Build) && !time.Now().Before(d.resting[b.Build].until) {
			if err := d.start(ctx, b, p); err != nil && b.Version == d.version {
				return err
			}
		}
	}
	if !own {
		return ErrDiscarded
	}
	return nil
}

func (d *deployer[Tx]) unlessDown(err error) error {
	if fault := d.publisher.Fault(err); fault == FaultAgain || fault == FaultDown {
		return nil
	}
	return err
}

// start begins a runner for a build, and brings the build to its readers.
func (d *deployer[Tx]) start(ctx context.Context, b Definition, p Projection[Tx]) error {
	r, err := newRunner(d.log, d.target, p, &d.o.Options)
	if err == nil {
		err = r.check(b)
	}
	if err != nil {
		d.rest(b.Build)
		return err
	}
	leveled := r.signal()
	d.crew.start(ctx, b, r, func(ctx context.Context) error {
		return together(ctx,
			func(ctx context.Context) error { return r.run(ctx, b) },
			r.noticing(b),
			func(ctx context.Context) error { return d.promote(ctx, r, b, leveled) })
	})
	return nil
}

// mourn decides what the end of a runner means.
func (d *deployer[Tx]) mourn(e ending) error {
	d.crew.left(e.build)
	switch {
	case errors.Is(e.err, ErrDiscarded):
		return nil // staff sees whether another build is left
	case e.version == d.version:
		return e.err
	}
	d.rest(e.build)
	return nil
}

// rest leaves a build alone for a while, and longer the next time.
func (d *deployer[Tx]) rest(build int) {
	last := min(max(leastRespite, 2*d.resting[build].last), mostRespite)
	d.resting[build] = respite{time.Now().Add(last), last}
}
