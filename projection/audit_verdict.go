package projection

import (
	"context"

	"github.com/cairndb/cairn"
)

// A Verdict is what an audit has found out about a lane.
type Verdict string

// The verdicts.
const (
	OK        Verdict = "ok"        // it has applied just what the log holds, in its order
	Lost      Verdict = "lost"      // it has applied fewer events
	Doubled   Verdict = "doubled"   // it has applied more events
	Reordered Verdict = "reordered" // it has applied the same events in another order
	Different Verdict = "different" // it has applied as many events, but others
	Ahead     Verdict = "ahead"     // its checkpoint is after the log's end: the log has lost its own
	// Unclear means that the lanes together may have applied just what the log
	// holds, and that more cannot be said without the projection's Key.
	Unclear Verdict = "unclear"
)

// judge compares a lane with the log.
func (l *LaneAudit) judge(head cairn.Position) {
	switch {
	case l.Position > head:
		l.Verdict = Ahead
	case l.Applied.Count < l.Log.Count:
		l.Verdict = Lost
	case l.Applied.Count > l.Log.Count:
		l.Verdict = Doubled
	case l.Applied.Sum != l.Log.Sum:
		l.Verdict = Different
	case l.Applied.Chain != l.Log.Chain:
		l.Verdict = Reordered
	default:
		l.Verdict = OK
	}
}

// together compares all lanes at once, whose events nobody can tell apart. All
// have passed the lowest checkpoint, and none has passed the highest. What the log
// holds up to the one must be among what they have applied, so with nothing
// between the two it can be said what is so, but for the order.
func (a *auditor) together(ctx context.Context, lanes []Checkpoint) error {
	all := LaneAudit{Lane: -1, Position: lanes[0].Position}
	for _, c := range lanes {
		all.Applied.Count += c.Count
		all.Applied.Sum += c.Sum
		all.Position = min(all.Position, c.Position)
	}
	end := a.end()
	most := uint64(0)
	if err := a.read(ctx, end, func(e *cairn.Recorded) error {
		most++
		if e.Position <= all.Position {
			all.Log.Add(e)
		}
		return nil
	}); err != nil {
		return err
	}
	all.Log.Chain, a.report.Read = 0, most
	all.judgeTogether(end, a.report.Head, most)
	a.report.Lanes = []LaneAudit{all}
	return nil
}

func (l *LaneAudit) judgeTogether(end, head cairn.Position, most uint64) {
	switch {
	case end > head:
		l.Verdict = Ahead
	case l.Log.Count == most || l.Applied.Count < l.Log.Count:
		l.judge(head)
	case l.Applied.Count > most:
		l.Verdict = Doubled
	default:
		l.Verdict = Unclear
	}
	if l.Verdict == OK {
		l.Verdict = Unclear // nobody knows of the order
	}
}
