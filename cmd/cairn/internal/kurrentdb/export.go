package kurrentdb

import (
	"context"
	"iter"

	"github.com/cairndb/cairn"
)

// Export copies events of a store to a KurrentDB, in their order, and compares.
// They are those that which selects, as far as the log reaches when the copy
// begins; what is not behind which.After is taken to be there already. The report
// holds whatever the error. That the two sides differ is no error; the report says
// where.
//
// Nobody else may write to the streams copied to: that ends the copy with an error.
// So does a scavenge of what was copied, when the copy is run again; go on behind
// it with which.After then.
func Export(ctx context.Context, from cairn.Store, which cairn.AllOptions, to *DB, o Options) (Report, error) {
	source := newLedger(false)
	source.partial = which.Query != nil || which.NoSystem
	x := newExporter(ctx, to, which.After, o.DryRun)
	defer x.stop()
	which.After = 0 // they count when the sides are compared
	err := x.run(ctx, o.counting(source.entering(copied(from.ReadAll(ctx, which), o.System)), false))
	x.report.source(source)
	if err != nil || o.DryRun {
		return x.report, err
	}
	target := newLedger(false)
	if err := target.fill(o.counting(to.events(ctx), true)); err != nil {
		return x.report, err
	}
	x.report.compare(source, target)
	return x.report, nil
}

// An exporter goes along the source and the target at once, as long as the
// target has what the source has, and then appends.
type exporter struct {
	db     *DB
	after  cairn.Position // up to here all is there
	dryRun bool
	report Report

	next   func() (cairn.Recorded, error, bool) // of the target
	stop   func()
	behind bool                      // the target has no more
	at     map[string]cairn.Revision // where streams of the target stand
	group  []cairn.Recorded          // of one stream, to be appended
	bytes  int
}

func newExporter(ctx context.Context, db *DB, after cairn.Position, dryRun bool) *exporter {
	x := &exporter{db: db, after: after, dryRun: dryRun, at: map[string]cairn.Revision{}, report: Report{Differ: []Difference{}}}
	x.next, x.stop = iter.Pull2(db.events(ctx))
	return x
}

func (x *exporter) run(ctx context.Context, events iter.Seq2[cairn.Recorded, error]) error {
	for e, err := range events {
		if err != nil {
			return err
		}
		if err := x.take(ctx, &e); err != nil {
			return err
		}
	}
	return x.flush(ctx)
}

// take copies an event unless it is there.
func (x *exporter) take(ctx context.Context, e *cairn.Recorded) error {
	if len(e.Tags) > 0 {
		x.report.Untagged++
	}
	there, err := x.holds(e)
	switch {
	case err != nil:
		return err
	case there:
		x.report.Known++
		return nil
	case x.dryRun:
		x.report.Stored++
		return nil
	}
	if !x.fits(e) {
		if err := x.flush(ctx); err != nil {
			return err
		}
	}
	x.group = append(x.group, *e)
	x.bytes += size(e)
	return nil
}

// holds reports whether the target has the event, and notes where that is. The
// first that it has not is behind all that it has.
func (x *exporter) holds(e *cairn.Recorded) (bool, error) {
	if e.Position <= x.after {
		return true, nil
	}
	for !x.behind {
		there, err, ok := x.next()
		if err != nil {
			return false, err
		}
		if x.behind = !ok; ok && same(e, &there) {
			x.at[e.Stream] = there.Revision
			return true, nil
		}
	}
	return false, nil
}

// same reports whether two events are one. Either side makes an ID of its own for
// the one that closes a stream.
func same(a, b *cairn.Recorded) bool {
	return a.Stream == b.Stream && (a.ID == b.ID || closes(a) && closes(b))
}

func closes(e *cairn.Recorded) bool {
	_, meta := cairn.DescribedStream(e.Stream)
	return e.Type == cairn.TypeStreamDeleted && !meta
}
