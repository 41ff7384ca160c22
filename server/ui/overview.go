package ui

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

func (u *ui) overviewPages() []page {
	return []page{{"GET /{$}", u.overview}}
}

// largest is how many categories, types and late events the overview shows.
const largest = 8

// An overview is what the first page shows.
type overview struct {
	Info        cairn.Info
	Storage     *Storage // nil if the engine says nothing of it
	Categories  []Count  // the largest
	Types       []Count
	Groups      []groupLine // those in need first
	MoreGroups  int
	Projections []projectionLine
	Latest      []row
}

func (u *ui) overview(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.CheckRole(r.Context()); err != nil {
		return err
	}
	info, err := u.store.Info(r.Context())
	if err != nil {
		return err
	}
	v := overview{Info: info}
	if err := u.stored(r, &v); err != nil {
		return err
	}
	if u.may(r, access.Read, everything) {
		if err := u.reacting(r, &v); err != nil {
			return err
		}
	}
	return u.render(w, r, "overview", view{Title: "Overview", Section: "overview", Data: v})
}

// stored asks the engine what it keeps.
func (u *ui) stored(r *http.Request, v *overview) error {
	if u.o.Storage == nil {
		return nil
	}
	st, err := u.o.Storage(r.Context())
	if err != nil {
		return err
	}
	v.Storage, v.Categories, v.Types = &st, most(st.Categories), most(st.Types)
	return nil
}

// most are the largest counts, the largest first, without the system's.
func most(all []Count) []Count {
	own := slices.DeleteFunc(slices.Clone(all), func(c Count) bool { return strings.HasPrefix(c.Name, "$") })
	sorted := slices.SortedStableFunc(slices.Values(own), func(a, b Count) int { return cmp.Compare(b.Events, a.Events) })
	return sorted[:min(len(sorted), largest)]
}

// reacting asks how everything does that reads the log, and what came last.
func (u *ui) reacting(r *http.Request, v *overview) (err error) {
	if v.Groups, v.MoreGroups, err = u.groupLines(r.Context()); err != nil {
		return err
	}
	if v.Projections, err = u.projectionLines(r.Context()); err != nil {
		return err
	}
	for e, err := range u.store.ReadAll(r.Context(), cairn.AllOptions{Backward: true, NoSystem: true, Limit: largest}) {
		if err != nil {
			return err
		}
		v.Latest = append(v.Latest, rowOf(&e))
	}
	return nil
}
