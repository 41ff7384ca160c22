package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/server/access"
)

// A problem is an error as a page shows it.
type problem struct {
	Status int
	Title  string
	Detail string
	Hint   string
}

// Error is for logs.
func (p *problem) Error() string { return p.Title + ": " + p.Detail }

var errForeign = &problem{
	http.StatusForbidden, "That came from another site", "A page of another origin sent this request, so nothing was done.",
	"If you meant it, do it from here.",
}

// notThere is the problem of something that does not exist.
func notThere(format string, args ...any) *problem {
	return &problem{http.StatusNotFound, "Not found", fmt.Sprintf(format, args...), ""}
}

// wrong is the problem of a malformed part of a request.
func wrong(field, format string, args ...any) error {
	return &cairn.InvalidError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

func (u *ui) missing(_ http.ResponseWriter, r *http.Request) error {
	return notThere("There is no page at %s.", r.URL.Path)
}

// problem answers with a page that says what is wrong. Whoever is not logged in
// may do so first.
func (u *ui) problem(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, access.ErrDenied) && u.anonymous(r) {
		u.toLogin(w, r)
		return
	}
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError && r.Context().Err() == nil {
		u.o.Logger.Error("a page failed", "path", r.URL.Path, "error", err)
	}
	if err := u.renderStatus(w, r, p.Status, "problem", view{Title: p.Title, Data: p}); err != nil {
		http.Error(w, p.Title, p.Status)
	}
}

// kinds say what errors mean to whoever looks at a page.
var kinds = []struct {
	is     error
	status int
	title  string
	hint   string
}{
	{access.ErrDenied, http.StatusForbidden, "Not allowed", "Ask an administrator, or log in as somebody who may."},
	{access.ErrUnauthenticated, http.StatusUnauthorized, "Who are you?", "Log in."},
	{access.ErrNoUser, http.StatusNotFound, "Not found", ""},
	{access.ErrUserExists, http.StatusConflict, "There is such a user already", ""},
	{access.ErrBusy, http.StatusServiceUnavailable, "The server is busy", "Try again in a moment."},
	{cairn.ErrInvalid, http.StatusBadRequest, "That cannot be", ""},
	{cairn.ErrConflict, http.StatusConflict, "Somebody was faster", "Look at what has changed, and do it again if it is still right."},
	{cairn.ErrStreamDeleted, http.StatusGone, "The stream is deleted", ""},
	{cairn.ErrCorrupt, http.StatusInternalServerError, "Stored bytes are damaged", "Run cairn verify, and restore from a copy."},
	{cairn.ErrClosed, http.StatusServiceUnavailable, "The store is closed", "The server is about to stop."},
	{group.ErrUnknown, http.StatusNotFound, "Not found", ""},
	{projection.ErrUnknown, http.StatusNotFound, "Not found", ""},
	{context.Canceled, http.StatusServiceUnavailable, "It was cut off", "Try again."},
}

func problemOf(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			return &problem{k.status, k.title, err.Error(), k.hint}
		}
	}
	return &problem{http.StatusInternalServerError, "The server failed", "The server's log says why.", "Try again; if it stays, look at Operations."}
}
