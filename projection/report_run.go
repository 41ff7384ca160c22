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
	attended bool // what is asked for through the log is done
	troubles troubles

	window window
	roll   roll
	last   Status // that was reported or read
}

// A trouble is why a build does not move; without an error it does.
type trouble struct {
	err  error
	down bool // it will go on by itself
}

// troubles are those of the builds that run here, by number. Those that were ended
// by a failure, which is nil as long as there is none, are among them.
type troubles func(failed error) map[int]trouble

// reporting is the reporter of a runner's build.
func (r *runner[Tx]) reporting(b Definition) func(ctx context.Context) error {
	return reporting(r.log, newSurveyor(r.log, r.target, r.p.Name, r.p.Key), &r.o, func(failed error) map[int]trouble {
		down := r.progress().Down
		all := map[int]trouble{b.Build: {down, down != nil}}
		if failed != nil {
			all[b.Build] = trouble{failed, false}
		}
		return all
	})
}

// report is the reporter of all builds of a deployer.
func (d *deployer[Tx]) report() func(ctx context.Context) error {
	s := newSurveyor(d.log, d.publisher, d.name, d.code[d.version].Key)
	return reporting(d.log, s, &d.o.Options, func(error) map[int]trouble {
		all := map[int]trouble{}
		for build, r := range d.crew.runners() {
			down := r.progress().Down
			all[build] = trouble{down, down != nil}
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
func reporting(log Log, s *surveyor, o *Options, all troubles) func(ctx context.Context) error {
	store, ok := log.(reportable)
	every := o.Report
	if !ok || every < 0 {
		return func(context.Context) error { return nil }
	}
	if every == 0 {
		every = reportEvery
	}
	_, attended := attendable(log, o)
	r := &reporter{store: store, surveyor: s, every: every, attended: attended, troubles: all}
	return func(ctx context.Context) error {
		for rest(ctx, every) {
			r.report(ctx, nil)
		}
		failed, own := errors.AsType[*breakdown](context.Cause(ctx))
		if !own || errors.Is(failed, ErrDiscarded) {
			return nil // it was told to end, for whatever reason
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportEvery)
		defer cancel()
		r.report(ctx, failed.error)
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
		s.Attended = r.attended
		s.ParkedFirst, _ = r.roll.call(ctx, r.surveyor.ledger, r.surveyor.place, &s) // or what was reported last
	}
	stream := ReportStream(r.surveyor.name)
	info, err := r.surveyor.log.StreamInfo(ctx, stream)
	if err != nil {
		return
	}
	last, err := lastReport(ctx, r.store, stream)
	if err != nil {
		return
	}
	all := r.troubles(failed)
	s = s.troubled(all, last)
	if len(s.Builds) == 0 || failed == nil && r.superfluous(&s, last, troubled(all)) {
		return
	}
	expected := info.Last // nobody's report of a failure is to be covered by one that does not know of it
	if failed != nil {
		expected = cairn.Any
	}
	if appendReport(ctx, r.store, &s, expected) == nil {
		r.last = s
	}
}

// superfluous reports whether what there is to report is known, or somebody else
// has just reported.
func (r *reporter) superfluous(s, last *Status, troubled bool) bool {
	if last == nil || s.same(&r.last) {
		return last != nil
	}
	recent := s.At.Sub(last.At)
	if recent < 0 || recent > r.every*3/4 || last.same(&r.last) {
		return false
	}
	return s.same(last) || !troubled
}

func troubled(all map[int]trouble) bool {
	for _, t := range all {
		if t.err != nil {
			return true
		}
	}
	return false
}
