package storefront

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A view is a page to be shown.
type view struct {
	name   string // of its template
	status int    // zero means 200
	data   any
}

// A redirect is another page to go to.
type redirect string

// A pageFunc answers a request with a *view, a redirect, or an error, which has a
// page of its own.
type pageFunc func(w http.ResponseWriter, r *http.Request, s *session) (any, error)

// page makes a handler of it.
func (s *Service) page(show pageFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visitor := sessionOf(w, r)
		shown, err := show(w, r, visitor)
		if to, ok := shown.(redirect); ok && err == nil {
			http.Redirect(w, r, string(to), http.StatusSeeOther)
			return
		}
		v, ok := shown.(*view)
		if err != nil || !ok {
			v = s.failure(r, err)
		}
		s.render(w, r, visitor, v)
	})
}

// A frame is what every page shows around its own.
type frame struct {
	*session
	Path   string
	Window string
	Lines  int  // in the basket
	Retry  bool // the page comes again by itself
	Page   any
}

// render makes a page, whole, before anything of it is sent.
func (s *Service) render(w http.ResponseWriter, r *http.Request, visitor *session, v *view) {
	f := frame{session: visitor, Path: r.URL.Path, Window: s.o.Window, Page: v.data}
	if p, ok := v.data.(*failed); ok {
		f.Retry = p.Retry
	} else if !s.pages.isFragment(v.name) {
		f.Lines = s.countLines(r.Context(), visitor)
	}
	var b bytes.Buffer
	if err := s.pages.execute(&b, v.name, f); err != nil {
		s.o.Logger.Error("storefront: a page cannot be made", "page", v.name, "err", err)
		http.Error(w, "This page cannot be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if v.status != 0 {
		w.WriteHeader(v.status)
	}
	b.WriteTo(w) // an error means that the customer has gone
}

// A failed is the page of an error.
type failed struct {
	Status int
	Title  string
	Text   string
	Retry  bool
	Back   string
}

func (s *Service) failure(r *http.Request, err error) *view {
	f := &failed{Status: http.StatusInternalServerError, Title: "Something went wrong here", Text: "It is written down, and no fault of yours.", Back: "/"}
	p, refused := errors.AsType[*rest.Problem](err)
	switch {
	case refused && p.Status == http.StatusNotFound:
		f.Status, f.Title, f.Text = p.Status, "There is nothing here", p.Error()
	case refused:
		f.Status, f.Title, f.Text, f.Back = p.Status, "That cannot be done", p.Error(), r.Referer()
	case errors.Is(err, rest.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		s.o.Logger.Warn("storefront: a service does not answer", "path", r.URL.Path, "err", err)
		f.Status, f.Title, f.Retry = http.StatusServiceUnavailable, "A service does not answer", r.Method == http.MethodGet
		f.Text = "This page asks it and waits for the answer, so for now there is nothing to show. What was ordered goes on by itself."
	case r.Context().Err() == nil:
		s.o.Logger.Error("storefront: a page failed", "path", r.URL.Path, "err", err)
	}
	return &view{name: "failed", status: f.Status, data: f}
}

func nowhere(http.ResponseWriter, *http.Request, *session) (any, error) {
	return nil, rest.NotFound("such page")
}

// together does several things at the same time and returns their errors.
func together(all ...func() error) error {
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, do := range all {
		wg.Go(func() { errs[i] = do() })
	}
	wg.Wait()
	return errors.Join(errs...)
}
