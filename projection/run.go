package projection

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// A Log is what a projection is made from, and of it no more than this.
type Log interface {
	cairn.LogReader
	cairn.Inspector
}

// Run applies events until ctx ends, and returns its cause.
//
// The first runner of a projection begins its build. Any later one goes on where
// the last transaction ended: it takes the lanes, and a runner that had them stands
// by from then on, to take them back when nobody works on them any more. So several
// may run for safety; each event is applied by one of them.
//
// An event that cannot be applied is dealt with as the projection's Failures say.
// A transaction that lost against another one is tried again at once; while the
// database is down it is tried for as long as it takes. A database that somebody
// has to mend, another store, a definition that has changed, and a failure of the
// log end the runner with an error: *StoreError, *ChangedError, *VersionError.
//
// Events wait in memory, bounded for each lane. A lane that is held up, by an event
// that is tried again, say, holds back the reader when it has filled its part, and
// so in the end the other lanes.
func Run[Tx any](ctx context.Context, log Log, target Target[Tx], p Projection[Tx], o *Options) error {
	r, err := newRunner(log, target, p, o)
	if err != nil {
		return err
	}
	b, err := r.find(ctx)
	if err != nil {
		return err
	}
	all := r.company(b)
	return together(ctx, append(all, func(ctx context.Context) error { return r.run(ctx, b) })...)
}

// A runner runs one build of a projection.
type runner[Tx any] struct {
	p      Projection[Tx]
	o      Options
	log    Log
	target Target[Tx]
	place  place
	query  cairn.Query // of the handler and the projection together

	level func(head cairn.Position) // told when all lanes have come to a head
	now   atomic.Pointer[work[Tx]]  // what is run
	down  atomic.Pointer[error]     // why the database does not answer
}

// newRunner checks and completes what it is given. It does nothing else.
func newRunner[Tx any](log Log, target Target[Tx], p Projection[Tx], o *Options) (*runner[Tx], error) {
	if log == nil || target == nil {
		return nil, &cairn.InvalidError{Field: "log and target", Problem: "must not be nil"}
	}
	r := &runner[Tx]{p: p.completed(), o: o.given(), log: log, target: target, place: placeOf(p.Name)}
	if err := errors.Join(r.p.check(), r.o.check()); err != nil {
		return nil, err
	}
	var err error
	if r.query, err = r.p.selected(); err != nil {
		return nil, err
	}
	return r, nil
}

// run takes the lanes of a build and applies events until ctx ends or it fails.
func (r *runner[Tx]) run(ctx context.Context, b Definition) error {
	w, err := r.begun(ctx, b)
	if err == nil {
		r.now.Store(w)
		defer r.now.Store(nil)
		err = w.run(ctx)
	}
	switch {
	case context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case errors.Is(err, ErrDiscarded):
		return fmt.Errorf("projection %q: build %d of version %d: %w", r.p.Name, b.Build, b.Version, err)
	}
	return err
}

// A progress is what a runner knows of the build that it runs.
type progress struct {
	Build    int            // zero if none is run
	Position cairn.Position // of the lane that is furthest behind
	Applied  uint64         // events, since run was called
	Down     error          // why the database does not answer; nil if it does
	Lanes    []laneProgress
}

// A laneProgress is where a lane was when its checkpoint was last written or read.
type laneProgress struct {
	Lane            int
	Position        cairn.Position
	Applied         uint64 // events, since run was called
	Parked, Skipped int64  // ever
	Level           bool   // it has come to a head since it was taken
	Standby         bool   // somebody else has it
	Owner           string
}

// progress may be called at any time.
func (r *runner[Tx]) progress() (p progress) {
	if down := r.down.Load(); down != nil {
		p.Down = *down
	}
	w := r.now.Load()
	if w == nil {
		return p
	}
	p.Build = w.build.Build
	for _, l := range w.lanes {
		shown := l.shows()
		if len(p.Lanes) == 0 || shown.Position < p.Position {
			p.Position = shown.Position
		}
		p.Applied += shown.Applied
		p.Lanes = append(p.Lanes, shown)
	}
	return p
}
