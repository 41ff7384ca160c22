package rest

import (
	"fmt"
	"net/http"

	"github.com/cairndb/cairn"
)

// kindsAt is where the kinds of problems are explained. The type of a problem
// is this and its kind.
const kindsAt = "https://github.com/cairndb/cairn/blob/main/docs/rest.md#"

// A kind is a kind of problem.
type kind struct {
	name   string
	status int
	title  string
}

var (
	invalid            = kind{"invalid", http.StatusBadRequest, "Invalid request"}
	unauthenticated    = kind{"unauthenticated", http.StatusUnauthorized, "Who are you?"}
	denied             = kind{"denied", http.StatusForbidden, "Not allowed"}
	readOnly           = kind{"read-only", http.StatusForbidden, "The store is read-only"}
	notFound           = kind{"not-found", http.StatusNotFound, "Not found"}
	methodNotAllowed   = kind{"method-not-allowed", http.StatusMethodNotAllowed, "Method not allowed"}
	notAcceptable      = kind{"not-acceptable", http.StatusNotAcceptable, "No such representation"}
	slowBody           = kind{"slow-body", http.StatusRequestTimeout, "The body did not come in time"}
	conflicting        = kind{"conflict", http.StatusConflict, "Conflict"}
	preconditionFailed = kind{"conflict", http.StatusPreconditionFailed, "Conflict"}
	deleted            = kind{"deleted", http.StatusGone, "The stream is deleted"}
	tooLarge           = kind{"too-large", http.StatusRequestEntityTooLarge, "Too large"}
	unsupported        = kind{"unsupported-media-type", http.StatusUnsupportedMediaType, "Unsupported media type"}
	internal           = kind{"internal", http.StatusInternalServerError, "The server failed"}
	corrupt            = kind{"corrupt", http.StatusInternalServerError, "Stored bytes are damaged"}
	unknownOutcome     = kind{"unknown-outcome", http.StatusInternalServerError, "The outcome is unknown"}
	unavailable        = kind{"unavailable", http.StatusServiceUnavailable, "The store is not available"}
	busy               = kind{"busy", http.StatusServiceUnavailable, "The server is busy"}
	noSpace            = kind{"no-space", http.StatusInsufficientStorage, "No space left"}
)

// A problem is an error as the caller gets it: RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`

	Field     string           `json:"field,omitempty"`
	Limit     int64            `json:"limit,omitempty"`
	Stream    string           `json:"stream,omitempty"`
	State     string           `json:"state,omitempty"`
	Expected  *standing        `json:"expected,omitempty"`
	Actual    *standing        `json:"actual,omitempty"`
	Positions []cairn.Position `json:"positions,omitempty"`
	Conflicts []conflict       `json:"conflicts,omitempty"`
	Line      int              `json:"line,omitempty"`
	Import    *summary         `json:"import,omitempty"`
}

// Error is for logs.
func (p *problem) Error() string { return p.Title + ": " + p.Detail }

func (k kind) problem(format string, args ...any) *problem {
	return &problem{Type: kindsAt + k.name, Title: k.title, Status: k.status, Detail: fmt.Sprintf(format, args...)}
}

// wrong is the problem of a malformed part of a request.
func wrong(field, format string, args ...any) *cairn.InvalidError {
	return &cairn.InvalidError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// A conflict is one expectation or condition that did not hold.
type conflict struct {
	Stream    string           `json:"stream,omitempty"`
	Expected  *standing        `json:"expected,omitempty"`
	Actual    *standing        `json:"actual,omitempty"`
	After     *cairn.Position  `json:"after,omitempty"`
	Positions []cairn.Position `json:"positions,omitempty"`
}

func conflictOf(e *cairn.ConflictError) conflict {
	if e.Stream == "" {
		return conflict{After: &e.After, Positions: e.Positions}
	}
	return conflict{Stream: e.Stream, Expected: (*standing)(&e.Expected), Actual: (*standing)(&e.Actual), Positions: e.Positions}
}
