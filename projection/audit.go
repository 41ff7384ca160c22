package projection

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn"
)

// AuditOptions say what to audit. The zero value audits the build that readers see.
type AuditOptions struct {
	// Build is the number of a build; zero is the one that readers see.
	Build int

	// Key is the projection's own Key. It is needed to compare each lane of a
	// projection that has one and several lanes; without it only all of them
	// together are compared, as far as that goes: see [Unclear].
	Key func(*cairn.Recorded) string

	// Progress, if not nil, is told now and then up to which position the log
	// was read, and up to which it will be. It is called by the goroutine of Audit.
	Progress func(at, to cairn.Position)
}

// An AuditReport says whether a build has applied what the log holds.
type AuditReport struct {
	Projection string `json:"projection"`
	Build      int    `json:"build"`
	Version    int    `json:"version"`

	// Head is where the log ended, and Read how many of the build's events were
	// read in it.
	Head cairn.Position `json:"head"`
	Read uint64         `json:"read"`

	// Lanes are the findings, one for each lane, by their numbers. If nobody
	// could tell to which lane an event belongs it is one for all of them, with
	// the number -1.
	Lanes []LaneAudit `json:"lanes"`
}

// OK reports whether every lane is.
func (r *AuditReport) OK() bool {
	for i := range r.Lanes {
		if r.Lanes[i].Verdict != OK {
			return false
		}
	}
	return true
}

// A LaneAudit compares what a lane has applied with what the log holds.
type LaneAudit struct {
	Lane     int            `json:"lane"`
	Position cairn.Position `json:"position"` // of its checkpoint
	Applied  Tally          `json:"applied"`  // what it has applied, parked or skipped up to there
	Log      Tally          `json:"log"`      // what the log holds up to there
	Verdict  Verdict        `json:"verdict"`

	// First and Last are the positions of the events that were lost or doubled,
	// if those stand one after the other in the lane, and zero otherwise.
	First cairn.Position `json:"first,omitzero"`
	Last  cairn.Position `json:"last,omitzero"`
}

// Audit compares the running count and hash that each lane of a build keeps of
// what it has applied with those of the log itself, up to the lane's checkpoint.
// An event that was lost, applied twice, out of order or that the log never held
// shows, which a lag never would.
//
// It reads all the build's events once, and once more if some were lost or
// doubled, to find out which. Runners go on meanwhile. Parked and skipped events
// count as applied. What the log has given up since, because the space of what a
// stream's metadata hides was reclaimed, shows as doubled.
//
// A projection or build that is not there is ErrUnknown, and one that was built
// from another store a [*StoreError]. What is wrong with the read model is in the
// report and no error.
func Audit(ctx context.Context, log Log, ledger Ledger, name string, o AuditOptions) (AuditReport, error) {
	l, err := lookAt(log, ledger, name)
	if err != nil {
		return AuditReport{}, err
	}
	d, err := l.here(ctx)
	if err != nil {
		return AuditReport{}, err
	}
	b, err := l.build(&d, o.Build)
	if err != nil {
		return AuditReport{}, err
	}
	lanes, err := l.lanes(ctx, &b)
	if err != nil {
		return AuditReport{}, err
	}
	info, err := log.Info(ctx) // after the lanes, which go on meanwhile
	if err != nil {
		return AuditReport{}, err
	}
	a := auditor{log: log, build: &b, options: &o, report: AuditReport{Projection: name, Build: b.Build, Version: b.Version, Head: info.Head}}
	err = a.audit(ctx, lanes)
	return a.report, err
}

// An auditor audits one build.
type auditor struct {
	log     Log
	build   *Definition
	options *AuditOptions
	report  AuditReport
	told    cairn.Position // the last progress
}

func (a *auditor) audit(ctx context.Context, lanes []Checkpoint) error {
	for n, c := range lanes {
		a.report.Lanes = append(a.report.Lanes, LaneAudit{Lane: n, Position: c.Position, Applied: c.Tally})
	}
	if a.blind() {
		return a.together(ctx, lanes)
	}
	if err := a.each(ctx, func(lane int, e *cairn.Recorded) {
		a.report.Read++
		a.report.Lanes[lane].Log.Add(e)
	}); err != nil {
		return err
	}
	for i := range a.report.Lanes {
		a.report.Lanes[i].judge(a.report.Head)
	}
	return a.find(ctx)
}

// blind reports whether nobody can tell to which lane an event belongs.
func (a *auditor) blind() bool {
	return a.build.Lanes > 1 && a.build.Keyed && a.options.Key == nil
}

// each goes through the events that the lanes have passed.
func (a *auditor) each(ctx context.Context, visit func(lane int, e *cairn.Recorded)) error {
	return a.read(ctx, a.end(), func(e *cairn.Recorded) error {
		n, err := a.lane(e)
		if err == nil && e.Position <= a.report.Lanes[n].Position {
			visit(n, e)
		}
		return err
	})
}

// end is how far the foremost lane has come.
func (a *auditor) end() (end cairn.Position) {
	for i := range a.report.Lanes {
		end = max(end, a.report.Lanes[i].Position)
	}
	return end
}

func (a *auditor) lane(e *cairn.Recorded) (int, error) {
	switch {
	case a.build.Lanes <= 1:
		return 0, nil
	case !a.build.Keyed:
		return laneOf(e.Stream, a.build.Lanes), nil
	}
	key, err := keyOf(a.options.Key, e)
	if err != nil {
		return 0, &EventError{e.Position, fmt.Errorf("which lane it belongs to: %w", err)}
	}
	return laneOf(key, a.build.Lanes), nil
}

// read goes through the build's events up to a position.
func (a *auditor) read(ctx context.Context, to cairn.Position, visit func(*cairn.Recorded) error) error {
	o := selection(a.build.Query)
	o.Before = to + 1
	o.Progress = func(at cairn.Position) { a.tell(at, to) }
	a.told = 0
	for e, err := range a.log.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		if err := visit(&e); err != nil {
			return err
		}
		a.tell(e.Position, to)
	}
	return nil
}

// tell reports progress where enough has been made.
func (a *auditor) tell(at, to cairn.Position) {
	if a.options.Progress != nil && (at >= a.told+cairn.ProgressEvery || at == to) {
		a.told = at
		a.options.Progress(at, to)
	}
}
