package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/server/access"
)

func (u *ui) sagaPages() []page {
	return []page{
		{"GET /sagas", u.sagas},
		{"GET /sagas/{saga}", u.saga},
		{"GET /sagas/{saga}/{id}", u.instance},
	}
}

const (
	sagasShown   = 100         // in a list
	sagasBrief   = 20          // looked at for the overview
	oldestBrief  = 5           // instances looked at for the overview
	oldestLooked = 20          // instances, the oldest, whose histories say how a saga does
	backLooked   = 200         // compensations, the latest of the store
	stuckAfter   = time.Hour   // without a step, and with no timer to come
	lateAfter    = time.Minute // a timer is overdue
)

// A sagaLine is a saga in a list.
type sagaLine struct {
	groupLine
	Open     int  // instances that have not ended
	Back     int  // of which compensate
	BackMost bool // there may be more that do
}

// sagaLine says how a saga does: what its group does, and the oldest instances.
func (u *ui) sagaLine(ctx context.Context, name string, oldest int) (line sagaLine, err error) {
	s, err := group.Status(ctx, u.store, saga.GroupOf(name))
	if err != nil {
		return line, err
	}
	line.groupLine = lineOfGroup(name, s)
	roster, err := saga.Open(ctx, u.store, name)
	if err != nil {
		return line, err
	}
	if oldest == oldestLooked {
		if line.Back, line.BackMost, err = u.goingBack(ctx, &roster); err != nil {
			return line, err
		}
	}
	if line.Open = len(roster.IDs); line.Health == "bad" {
		return line, nil // that is enough to look at it
	}
	now := time.Now()
	for _, id := range roster.IDs[:min(len(roster.IDs), oldest)] {
		in := u.instanceLine(ctx, &roster, id, now)
		if in.Health == "bad" {
			line.Health, line.Says = in.Health, in.Says
		}
	}
	return line, nil
}

// sagaLines are sagas, those in need first.
func (u *ui) sagaLines(ctx context.Context, most, oldest int) (lines []sagaLine, more int, err error) {
	names, err := saga.Names(ctx, u.store)
	if err != nil {
		return nil, 0, err
	}
	if more = len(names) - most; more > 0 {
		names = names[:most]
	}
	for _, name := range names {
		line, err := u.sagaLine(ctx, name, oldest)
		if errors.Is(err, group.ErrUnknown) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, 0, err
		}
		lines = append(lines, line)
	}
	slices.SortStableFunc(lines, func(a, b sagaLine) int { return rank(a.Health) - rank(b.Health) })
	return lines, max(more, 0), nil
}

func (u *ui) sagas(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	lines, more, err := u.sagaLines(r.Context(), sagasShown, oldestLooked)
	if err != nil {
		return err
	}
	return u.render(w, r, "sagas", view{Title: "Sagas", Section: "sagas", Data: map[string]any{"Lines": lines, "More": more}})
}

// An instanceLine is an instance in a list.
type instanceLine struct {
	saga.Instance
	Health string
	Says   string
	Why    string // what is wrong, in its own words
	Next   saga.Waiting
}

// instanceLine describes an instance of a roster. One that cannot be read says so.
func (u *ui) instanceLine(ctx context.Context, roster *saga.Roster, id string, now time.Time) instanceLine {
	in, err := roster.Instance(ctx, u.store, id)
	if err != nil {
		return instanceLine{Instance: saga.Instance{Saga: roster.Saga, ID: id}, Health: "bad", Says: "cannot be read", Why: err.Error()}
	}
	return lineOfInstance(in, now)
}

// lineOfInstance says how an instance does. One that waits for a timer waits
// rightly; one that waits for somebody's answer for an hour does so in vain, perhaps.
func lineOfInstance(in saga.Instance, now time.Time) instanceLine {
	line := instanceLine{Instance: in, Health: "good", Says: string(in.Status), Why: in.Reason}
	for _, t := range in.Timers {
		if line.Next.Due.IsZero() || t.Due.Before(line.Next.Due) {
			line.Next = t
		}
	}
	switch {
	case in.ParkedEvents > 0:
		line.Health, line.Says, line.Why = "bad", "parked", in.Parked
	case in.Status == saga.Ended:
		line.Health = "info"
		if in.Reason != "" {
			line.Says = "went back"
		}
	case !line.Next.Due.IsZero() && now.Sub(line.Next.Due) > lateAfter:
		line.Health, line.Says = "bad", "timer overdue"
		line.Why = fmt.Sprintf("Its timer %q was due %s: does anybody run timers?", line.Next.Name, ago(now.Sub(line.Next.Due)))
	case line.Next.Due.IsZero() && now.Sub(in.Since) > stuckAfter:
		line.Health, line.Says = "bad", "stuck"
		line.Why = "No step for " + took(now.Sub(in.Since)) + ", and no timer that would go on."
	case in.Status == saga.Compensating:
		line.Health = "warn"
	}
	return line
}

// goingBack counts who of a saga goes back.
func (u *ui) goingBack(ctx context.Context, roster *saga.Roster) (n int, most bool, err error) {
	ids, complete, err := roster.GoingBack(ctx, u.store, backLooked)
	return len(ids), !complete, err
}

// sagaOf is the saga that a request is about.
func sagaOf(r *http.Request) (string, error) {
	name := unescapeSegment(r.PathValue("saga"))
	return name, cairn.ValidateStream("saga", saga.HistoryOf(name, "1"))
}

// afterAct is the page to show after an act on a group: that of the saga's instance
// from which it came, or else the group's.
func afterAct(r *http.Request, name string) string {
	if of, ok := strings.CutPrefix(name, saga.GroupOf("")); ok && r.PostFormValue("instance") != "" {
		return pagePath("/sagas", of, r.PostFormValue("instance"))
	}
	return pagePath("/groups", name)
}
