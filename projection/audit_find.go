package projection

import (
	"context"

	"github.com/cairndb/cairn"
)

// mostFound is how many events may have been lost or doubled for an audit to look
// for them: it holds as many in memory.
const mostFound = 1 << 16

// A run looks for so many events of a lane, one after the other, whose hashes add
// up to what is too little or too much: those are what was lost or doubled, unless
// it is more than one run.
type run struct {
	want   uint64
	events []counted // the last ones, as a ring
	n      int       // how many there were
	sum    uint64    // of those in the ring
}

// A counted event is what its tally is made of.
type counted struct {
	at  cairn.Position
	own uint64
}

// find looks for what was lost or doubled, in one more pass.
func (a *auditor) find(ctx context.Context) error {
	runs := map[int]*run{}
	for i := range a.report.Lanes {
		if r := a.report.Lanes[i].missing(); r != nil {
			runs[i] = r
		}
	}
	if len(runs) == 0 {
		return nil
	}
	return a.each(ctx, func(lane int, e *cairn.Recorded) {
		if r := runs[lane]; r != nil && r.add(e) {
			a.report.Lanes[lane].First, a.report.Lanes[lane].Last = r.oldest().at, e.Position
			delete(runs, lane)
		}
	})
}

// missing is the run to look for, if there can be one.
func (l *LaneAudit) missing() *run {
	count, sum := l.Log.Count-l.Applied.Count, l.Log.Sum-l.Applied.Sum
	if l.Verdict == Doubled {
		count, sum = -count, -sum
	} else if l.Verdict != Lost {
		return nil
	}
	if count > mostFound {
		return nil
	}
	return &run{want: sum, events: make([]counted, count)}
}

// add moves on by an event, and reports whether that ends the run.
func (r *run) add(e *cairn.Recorded) bool {
	var own Tally
	own.Add(e)
	slot := &r.events[r.n%len(r.events)]
	r.sum += own.Sum - slot.own
	*slot = counted{e.Position, own.Sum}
	r.n++
	return r.n >= len(r.events) && r.sum == r.want
}

// oldest is the first event of a run that add has just ended.
func (r *run) oldest() counted { return r.events[r.n%len(r.events)] }
