package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/server/access"
)

const (
	instancesShown = 100 // in a page
	instancesRead  = 500 // to find stuck ones for it
	endedShown     = 20
)

// A sagaPage is what the page of a saga shows.
type sagaPage struct {
	sagaLine
	Group     string
	Instances []instanceLine
	Looked    int    // at how many, up to here
	Next      string // the page after this one, if there is one
	Search    string
	Stuck     bool
	Ended     []instanceLine
}

func (u *ui) saga(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	name, err := sagaOf(r)
	if err != nil {
		return err
	}
	p := sagaPage{Group: saga.GroupOf(name), Search: strings.TrimSpace(r.FormValue("id")), Stuck: r.URL.Query().Has("stuck")}
	from, err := position("from", r.URL.Query().Get("from"))
	if err != nil {
		return err
	}
	s, err := group.Status(r.Context(), u.store, p.Group)
	if err != nil {
		return err
	}
	p.groupLine = lineOfGroup(name, s)
	if p.Search != "" && u.isInstance(r, name, p.Search) {
		http.Redirect(w, r, pagePath("/sagas", name, p.Search), http.StatusSeeOther)
		return nil
	}
	if err := u.fillSaga(r, &p, int(min(from, 1<<31))); err != nil {
		return err
	}
	return u.render(w, r, "saga", view{Title: name, Section: "sagas", Data: p})
}

// isInstance reports whether there is an instance of just this ID.
func (u *ui) isInstance(r *http.Request, name, id string) bool {
	_, err := saga.Get(r.Context(), u.store, name, id)
	return err == nil
}

// fillSaga reads the instances of a page.
func (u *ui) fillSaga(r *http.Request, p *sagaPage, from int) error {
	roster, err := saga.Open(r.Context(), u.store, p.Name)
	if err != nil {
		return err
	}
	p.Open = len(roster.IDs)
	if p.Back, p.BackMost, err = u.goingBack(r.Context(), &roster); err != nil {
		return err
	}
	u.fillInstances(r, p, &roster, inNeedFirst(&roster, p.Search), from)
	if from > 0 || p.Stuck || p.Search != "" {
		return nil
	}
	ended, err := saga.LatelyEnded(r.Context(), u.store, p.Name, 0, endedShown)
	for _, in := range ended {
		p.Ended = append(p.Ended, lineOfInstance(in, time.Now()))
	}
	return err
}

// inNeedFirst are the instances whose IDs hold a text, what is parked before the
// others, each by when it started.
func inNeedFirst(roster *saga.Roster, holding string) []string {
	ids := slices.DeleteFunc(slices.Clone(roster.IDs), func(id string) bool { return !strings.Contains(id, holding) })
	slices.SortStableFunc(ids, func(a, b string) int {
		return min(roster.Parked[b].Count, 1) - min(roster.Parked[a].Count, 1)
	})
	return ids
}

// fillInstances looks at instances until the page is full, or at as many as it may.
func (u *ui) fillInstances(r *http.Request, p *sagaPage, roster *saga.Roster, ids []string, from int) {
	now := time.Now()
	p.Looked = min(from, len(ids))
	for _, id := range ids[p.Looked:] {
		if len(p.Instances) == instancesShown || p.Looked-from == instancesRead {
			p.Next = p.page(p.Looked)
			return
		}
		p.Looked++
		line := u.instanceLine(r.Context(), roster, id, now)
		if line.Status == saga.Ended || p.Stuck && line.Health != "bad" {
			continue
		}
		if p.Instances = append(p.Instances, line); line.Health == "bad" && p.Health != "bad" {
			p.Health, p.Says = line.Health, line.Says
		}
	}
}

// page is the path of the instances from the n-th on.
func (p *sagaPage) page(n int) string {
	q := url.Values{"from": {fmt.Sprint(n)}}
	if p.Stuck {
		q.Set("stuck", "on")
	}
	if p.Search != "" {
		q.Set("id", p.Search)
	}
	return pagePath("/sagas", p.Name) + "?" + q.Encode()
}
