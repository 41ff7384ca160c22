package ui

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

func (u *ui) overviewPages() []page {
	return []page{
		{"GET /{$}", u.overview},
		{"GET /overview/now", u.overviewNow},
		{"GET /overview/series", u.series},
		{"GET /overview/live", u.seriesLive},
	}
}

const (
	// foremost is how many categories, types and late events the overview shows.
	foremost = 8
	// reactors is how many groups and projections it shows.
	reactors = 12
)

// An overview is what the first page shows.
type overview struct {
	Info        cairn.Info
	Storage     *Storage // nil if the engine says nothing of it
	Categories  []busy   // the busiest
	Types       []busy
	All         bool        // the caller may see what follows
	Groups      []groupLine // those in need first
	Projections []projectionLine
	Sagas       []sagaLine
	Timers      []timerLine
	Latest      []row

	Troubles []trouble
	Plots    []plot

	MoreTroubles, MoreGroups, MoreProjections int // that are not shown
}

// overview shows all of the page, overviewNow what of it is not charted, for a page
// that is open.
func (u *ui) overview(w http.ResponseWriter, r *http.Request) error {
	v, err := u.lookOver(r)
	if err != nil {
		return err
	}
	return u.render(w, r, "overview", view{Title: "Overview", Section: "overview", Data: v})
}

func (u *ui) overviewNow(w http.ResponseWriter, r *http.Request) error {
	v, err := u.lookOver(r)
	if err != nil {
		return err
	}
	return u.execute(w, http.StatusOK, "overview", "now", v)
}

func (u *ui) lookOver(r *http.Request) (*overview, error) {
	if err := u.access.CheckRole(r.Context()); err != nil {
		return nil, err
	}
	info, err := u.store.Info(r.Context())
	if err != nil {
		return nil, err
	}
	v := &overview{Info: info, All: u.may(r, access.Read, everything)}
	if err := u.stored(r.Context(), v); err != nil {
		return nil, err
	}
	if v.All {
		if err := u.reacting(r.Context(), v); err != nil {
			return nil, err
		}
	}
	u.judge(v)
	return v, nil
}

// stored asks the engine what it keeps, and counts what comes to it.
func (u *ui) stored(ctx context.Context, v *overview) error {
	if u.o.Storage == nil {
		return nil
	}
	st, err := u.o.Storage(ctx)
	if err != nil {
		return err
	}
	v.Storage = &st
	lately := u.lastMinute()
	if v.Categories, err = u.busiest(ctx, largest(st.Categories), ofCategory, lately, v.Info.Head); err != nil {
		return err
	}
	v.Types, err = u.busiest(ctx, largest(st.Types), ofType, lately, v.Info.Head)
	return err
}

// largest are the largest counts, the largest first, without the system's.
func largest(all []Count) []Count {
	own := slices.DeleteFunc(slices.Clone(all), func(c Count) bool { return strings.HasPrefix(c.Name, "$") })
	sorted := slices.SortedStableFunc(slices.Values(own), func(a, b Count) int { return cmp.Compare(b.Events, a.Events) })
	return sorted[:min(len(sorted), considered)]
}

// reacting asks how everything does that reads the log, and what came last.
func (u *ui) reacting(ctx context.Context, v *overview) (err error) {
	if v.Groups, v.MoreGroups, err = u.groupLines(ctx); err != nil {
		return err
	}
	if v.Projections, err = u.projectionLines(ctx); err != nil {
		return err
	}
	if v.Sagas, _, err = u.sagaLines(ctx, sagasBrief, oldestBrief); err != nil {
		return err
	}
	if v.Timers, _, err = u.timerLines(ctx); err != nil {
		return err
	}
	for e, err := range u.store.ReadAll(ctx, cairn.AllOptions{Backward: true, NoSystem: true, Limit: foremost}) {
		if err != nil {
			return err
		}
		v.Latest = append(v.Latest, rowOf(&e))
	}
	return nil
}

// judge says what is not well, and then leaves out what is too much for the page.
func (u *ui) judge(v *overview) {
	samples, _ := u.vitals.Since(time.Time{})
	v.Plots = u.charts(samples)
	v.Troubles = v.troubles(samples, u.logged())
	v.Troubles, v.MoreTroubles = cut(v.Troubles, reactors, 0)
	v.Groups, v.MoreGroups = cut(v.Groups, reactors, v.MoreGroups)
	v.Projections, v.MoreProjections = cut(v.Projections, reactors, 0)
}

// logged is how many errors were logged in the last quarter of an hour.
func (u *ui) logged() int {
	if u.o.Logs == nil {
		return 0
	}
	lines, _ := u.o.Logs.Latest()
	return logErrors(lines, time.Now().Add(-15*time.Minute))
}

// cut shortens a list, and adds to what is not shown what it leaves out.
func cut[T any](list []T, to, more int) ([]T, int) {
	if len(list) <= to {
		return list, more
	}
	return list[:to], more + len(list) - to
}
