package projection

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// listenEvery is how often a deployer looks for requests.
const listenEvery = time.Second

// listen does what others ask for. What cannot be done is answered with the reason.
func (d *deployer[Tx]) listen(ctx context.Context) error {
	for rest(ctx, listenEvery) {
		open, err := openAsks(ctx, d.publisher, d.place)
		if err != nil {
			continue // the runners report a database that is down
		}
		for _, a := range open {
			did, err := d.oblige(ctx, a)
			if ctx.Err() == nil && (did != "" || err != nil) {
				_ = a.reply(ctx, d.publisher, did, err) // or it is asked for again, which does no harm
			}
		}
	}
	return nil
}

// oblige does what is asked for and says what it did, if it is for this deployer to
// do: to build anew what readers see, it has to have that code.
func (d *deployer[Tx]) oblige(ctx context.Context, q asked) (did string, err error) {
	known, _, err := loadDeployment(ctx, d.publisher, d.place)
	if err != nil {
		return "", d.unlessDown(err)
	}
	active, _ := known.build(known.Active)
	switch {
	case q.What == AskRebuild && active.Version == d.version:
		return d.rebuild(ctx, q)
	case q.What == AskSwitch:
		to, _ := known.build(q.Build)
		o := d.o.switching()
		o.Key = d.code[to.Version].Key
		err := Switch(ctx, d.log, d.publisher, d.name, q.Build, &o)
		return fmt.Sprintf("readers see build %d", q.Build), err
	}
	return "", nil
}

// rebuild begins a build and answers who has asked for it in one step, so that it is
// begun once. Where somebody else was quicker it is looked at again.
func (d *deployer[Tx]) rebuild(ctx context.Context, q asked) (did string, err error) {
	r, err := newRunner(d.log, d.target, d.code[d.version], &d.o.Options)
	if err != nil {
		return "", err
	}
	loading := func(build int) string { return fmt.Sprintf("build %d of version %d is being loaded", build, d.version) }
	build, err := r.rebuildOnce(ctx, func(build int) Change { return q.answered(loading(build), nil) })
	switch {
	case errors.Is(err, ErrMoved):
		return "", nil
	case err != nil:
		return "", d.unlessDown(err)
	}
	return loading(build), nil
}
