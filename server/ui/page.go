package ui

import (
	"net/http"
	"strings"
)

// A page is one path of the window and who answers it. It returns an error only
// if it has written nothing.
type page struct {
	pattern string // as of http.ServeMux, without Prefix: "GET /streams/{stream}"
	handle  func(http.ResponseWriter, *http.Request) error
}

// A section is an entry of the navigation.
type section struct {
	Name  string // of the template's active entry, and of the icon
	Title string
	Path  string
}

// sections are in the order in which one reads them: what there is, who reacts to
// it, and what keeps it running.
var sections = []section{
	{"overview", "Overview", "/"},
	{"streams", "Streams", "/streams"},
	{"explore", "Explore", "/explore"},
	{"map", "Map", "/map"},
	{"groups", "Groups", "/groups"},
	{"projections", "Projections", "/projections"},
	{"sagas", "Sagas", "/sagas"},
	{"timers", "Timers", "/timers"},
	{"operations", "Operations", "/operations"},
}

// pages are those that need somebody to be known.
func (u *ui) pages() []page {
	var all []page
	for _, part := range [][]page{
		u.overviewPages(), u.streamPages(), u.eventPages(), u.explorePages(), u.groupPages(), u.projectionPages(),
		u.mapPages(), u.sagaPages(), u.timerPages(), u.operationsPages(),
	} {
		all = append(all, part...)
	}
	return all
}

// mux finds the page of a request: some are for everybody, the others for who is
// logged in, if the server has users.
func (u *ui) mux() http.Handler {
	known := http.NewServeMux()
	for _, p := range u.pages() {
		method, path := cutMethod(p.pattern)
		known.Handle(method+" "+Prefix+path, u.answer(p.handle))
	}
	known.Handle(Prefix+"/", u.answer(u.missing))
	mux := http.NewServeMux()
	mux.Handle("GET "+Prefix+"/assets/", u.assets())
	mux.Handle("GET "+Prefix+"/login", u.answer(u.loginPage))
	mux.Handle("POST "+Prefix+"/login", u.answer(u.login))
	mux.Handle("POST "+Prefix+"/logout", u.answer(u.logout))
	mux.Handle("GET "+Prefix+"/{$}", u.identified(known))
	mux.Handle("GET "+Prefix, http.RedirectHandler(Prefix+"/", http.StatusSeeOther))
	mux.Handle(Prefix+"/", u.identified(known))
	return mux
}

// answer turns the error of a page into a page.
func (u *ui) answer(handle func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r); err != nil {
			u.problem(w, r, err)
		}
	})
}

// cutMethod takes a pattern apart.
func cutMethod(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, path
}
