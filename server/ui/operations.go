package ui

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/cairndb/cairn/server/access"
)

// operating is what the pages of Operations keep.
type operating struct {
	begun         time.Time
	verifications *verifications
	sparingOne    sync.Mutex // held while there might be one administrator less
}

func newOperating(o Options) operating {
	return operating{begun: time.Now(), verifications: newVerifications(o)}
}

// operationsPages are for administrators, which everybody is on a server without
// users.
func (u *ui) operationsPages() []page {
	all := slices.Concat(
		[]page{{"GET /operations", u.operations}},
		u.verifyPages(), u.settingsPages(), u.userPages(), u.metricsPages(), u.logPages(),
	)
	for i := range all {
		all[i].handle = u.administrators(all[i].handle)
	}
	return all
}

// administrators lets nobody else have a page.
func (u *ui) administrators(handle func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := u.access.CheckRole(r.Context(), access.Admins); err != nil {
			return err
		}
		return handle(w, r)
	}
}

// An operationsPage is one of the pages of Operations, with the way to the others.
type operationsPage struct {
	Tab  string // whose link is marked
	Tabs []section
	Body any
}

// tabs are the pages of Operations that have something to show.
func (u *ui) tabs() []section {
	all := []section{{"state", "State", "/operations"}}
	for _, t := range []struct {
		section
		offered bool
	}{
		{section{"verify", "Verify", "/operations/verify"}, u.o.Verify != nil},
		{section{"settings", "Settings", "/operations/settings"}, len(u.o.Settings) > 0},
		{section{"users", "Users", "/operations/users"}, true},
		{section{"metrics", "Metrics", "/operations/metrics"}, u.o.Gatherer != nil},
		{section{"logs", "Logs", "/operations/logs"}, u.o.Logs != nil},
	} {
		if t.offered {
			all = append(all, t.section)
		}
	}
	return all
}

// operated writes a page of Operations, named as its tab.
func (u *ui) operated(w http.ResponseWriter, r *http.Request, status int, file, tab string, body any) error {
	return u.renderStatus(w, r, status, file, view{Title: "Operations", Section: "operations", Data: operationsPage{tab, u.tabs(), body}})
}

// notOffered is the problem of a page that the program has nothing for.
func notOffered(what string) error {
	return notThere("This server has no %s to show.", what)
}

// An operationsState is what the first page of Operations shows.
type operationsState struct {
	Version, Go string
	Begun       time.Time
	Verify      *verification // nil if it is not offered
	Settings    int
	Changed     int // settings that are not their defaults
	Users       *userCount
	Log         *logCount
}

func (u *ui) operations(w http.ResponseWriter, r *http.Request) (err error) {
	s := operationsState{Version: u.o.Version, Go: runtime.Version(), Begun: u.begun, Settings: len(u.o.Settings)}
	for _, one := range u.o.Settings {
		if one.Set() {
			s.Changed++
		}
	}
	if u.o.Verify != nil {
		v, _ := u.verifications.look()
		s.Verify = &v
	}
	if u.o.Logs != nil {
		c := countLog(u.o.Logs)
		s.Log = &c
	}
	if s.Users, err = u.countUsers(r.Context()); err != nil {
		return err
	}
	return u.operated(w, r, http.StatusOK, "operations", "state", s)
}

// A userCount is how many users there are.
type userCount struct {
	N    int
	More bool // than were counted
}

// countUsers is nil where there are none.
func (u *ui) countUsers(ctx context.Context) (*userCount, error) {
	users := u.access.Users()
	if users == nil {
		return nil, nil
	}
	c := &userCount{}
	for _, err := range users.Each(ctx) {
		if err != nil {
			return nil, err
		}
		if c.N == usersShown {
			c.More = true
			break
		}
		c.N++
	}
	return c, nil
}
