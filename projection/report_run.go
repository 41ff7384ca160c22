package projection

import (
	"context"
	"errors"
	"time"

	"github.com/cairndb/cairn"
)

// A reportable is a log that can be reported to.
type reportable interface {
	cairn.Appender
	cairn.StreamReader
}

// A reporter reports a projection's status to the store. Several may: whoever sees
// that another has just done so leaves it at that.
type reporter struct {
	store    reportable
	surveyor *surveyor
	every    time.Duration
	troubles troubles

	window window
	last   Status // that was reported or read
}

// A trouble is why a build does not move.
type trouble struct {
	err  error
	down bool // it will go on by itself
}

// troubles are those of the builds that run here, by number. Those that were ended
// by a failure, which is nil as long as there is none, are among them.
type troubles func(failed error) map[int]trouble

// reporting is the reporter of a runner's build.
func (r *runner[Tx]) reporting(b Definition) func(ctx context.Context) error {
	return reporting(r.log, newSurveyor(r.log, r.target, r.p.Name, r.p.Key), r.o.Report, func(failed error) map[int]trouble {
		all := map[int]trouble{}
		if down := r.progress().Down; down != nil {
			all[b.Build] = trouble{down, true}
		}
		if failed != nil {
			all[b.Build] = trouble{failed, false}
		}
		return all
	})
}

// report is the reporter of all builds of a deployer.
func (d *deployer[Tx]) report() func(ctx context.Context) error {
	s := newSurveyor(d.log, d.publisher, d.name, d.code[d.version].Key)
	return reporting(d.log, s, d.o.Report, func(error) map[int]trouble {
		all := map[int]trouble{}
		for _, r := range d.crew.runners() {
			if p := r.progress(); p.Down != nil {
				all[p.Build] = trouble{p.Down, true}
			}
		}
		for build, err := range d.crew.errors() {
			all[build] = trouble{err, false}
		}
		return all
	})
}

const reportEvery = 2 * time.Second

// reporting reports until ctx ends, and then once more if it ended by a failure. A
// report that cannot be written is no reason to stop.
func reporting(log Log, s *surveyor, every time.Duration, all troubles) func(ctx context.Context) error {
	store, ok := log.(reportable)
	if !ok || every < 0 {
		return func(context.Context) error { return nil }
	}
	if every == 0 {
		every = reportEvery
	}
	r := &reporter{store: store, surveyor: s, every: every, troubles: all}
	return func(ctx context.Context) error {
		for rest(ctx, every) {
			r.report(ctx, nil)
		}
		failed := context.Cause(ctx)
		if errors.Is(failed, context.Canceled) || errors.Is(failed, context.DeadlineExceeded) || errors.Is(failed, ErrDiscarded) {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportEvery)
		defer cancel()
		r.report(ctx, failed)
		return nil
	}
}

// report reports what has changed.
func (r *reporter) report(ctx context.Context, failed error) {
	ctx, cancel := context.WithTimeout(ctx, 5*r.every)
	defer cancel()
	s, err := r.surveyor.survey(ctx)
	if err != nil {
		s = r.last // the troubles say why
		s.At = time.Now().UTC()
	} else {
		r.window.rate(&s)
	}
	all := r.troubles(failed)
	s = s.troubled(all)
	if len(s.Builds) == 0 || failed == nil && r.superfluous(ctx, &s, len(all) > 0) {
		return
	}
	if appendReport(ctx, r.store, &s) == nil {
		r.last = s
	}
}

// superfluous reports whether what there is to report is known, or somebody else
// has just reported.
func (r *reporter) superfluous(ctx context.Context, s *Status, troubled bool) bool {
	if s.same(&r.last) {
		return true
	}
	last, err := lastReport(ctx, r.store, ReportStream(s.Projection))
	if err != nil || last == nil {
		return false
	}
	recent := s.At.Sub(last.At)
	if recent < 0 || recent > r.every*3/4 || last.same(&r.last) {
		return false
	}
	return s.same(last) || !troubled
}
