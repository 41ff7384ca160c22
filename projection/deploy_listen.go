package projection

import (
	"context"
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
			did, err := d.oblige(ctx, &a.Request)
			if ctx.Err() == nil && (did != "" || err != nil) {
				_ = a.reply(ctx, d.publisher, did, err) // or it is done again, which does no harm
			}
		}
	}
	return nil
}

// oblige does what is asked for and says what it did, if it is for this deployer to
// do: to build anew what readers see, it has to have that code.
func (d *deployer[Tx]) oblige(ctx context.Context, q *Request) (did string, err error) {
	known, _, err := loadDeployment(ctx, d.publisher, d.place)
	if err != nil {
		return "", d.unlessDown(err)
	}
	active, _ := known.build(known.Active)
	switch {
	case q.What == AskRebuild && active.Version == d.version:
		build, err := Rebuild(ctx, d.log, d.target, d.code[d.version])
		return fmt.Sprintf("build %d of version %d is being loaded", build, d.version), err
	case q.What == AskSwitch:
		to, _ := known.build(q.Build)
		o := d.o.switching()
		o.Key = d.code[to.Version].Key
		err := Switch(ctx, d.log, d.publisher, d.name, q.Build, &o)
		return fmt.Sprintf("readers see build %d", q.Build), err
	}
	return "", nil
}
