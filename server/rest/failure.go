package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/server/access"
)

// retryAfter is how many seconds a caller should wait who came at a bad time.
const retryAfter = 5

// fail answers with a problem document. Nobody is there to read it when the
// request was given up.
func (s *service) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, r.Context().Err()) {
		panic(http.ErrAbortHandler)
	}
	p := s.problemOf(r.Context(), err)
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", challenge)
	}
	w.Header().Set("Cache-Control", "no-store")
	s.write(w, p.Status, "application/problem+json", mustJSON(p))
}

// problemOf says what an error means to a caller. What only an operator can do
// something about is logged.
func (s *service) problemOf(ctx context.Context, err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if e, ok := errors.AsType[*cairn.InvalidError](err); ok {
		return invalidProblem(e)
	}
	if e, ok := errors.AsType[*cairn.ConflictError](err); ok {
		return conflictProblem(conflicting, e)
	}
	if e, ok := errors.AsType[*cairn.DeletedError](err); ok {
		return deletedProblem(e)
	}
	p := s.trouble(ctx, err)
	if p.Status >= http.StatusInternalServerError {
		s.o.Logger.ErrorContext(ctx, "a request failed", "error", err)
	}
	return p
}

func (s *service) trouble(ctx context.Context, err error) *problem {
	switch {
	case errors.Is(err, access.ErrUnauthenticated):
		return unauthenticated.problem("the name or the password is wrong")
	case errors.Is(err, access.ErrDenied):
		return unauthenticated.problem("give a name and a password") // any will do
	case errors.Is(err, access.ErrBusy):
		return busy.problem("too many passwords are being verified")
	case errors.Is(err, cairn.ErrUnknownOutcome):
		return unknownOutcome.problem("what was sent may or may not be stored; send it again with the same event ids or key")
	case errors.Is(err, cairn.ErrNoSpace):
		return noSpace.problem("nothing was stored; reads go on")
	case errors.Is(err, cairn.ErrReadOnly):
		return readOnly.problem("it takes no writes")
	case errors.Is(err, cairn.ErrFailed):
		return unavailable.problem("its storage failed and it takes no writes until it is opened again; reads go on")
	case errors.Is(err, cairn.ErrClosed):
		return unavailable.problem("it is closed")
	case errors.Is(err, cairn.ErrCorrupt):
		return corrupt.problem("the request needs events that the server cannot read; its log says where")
	case errors.Is(err, group.ErrUnknown), errors.Is(err, projection.ErrUnknown):
		return notFound.problem("%s", plain(err))
	case errors.Is(err, group.ErrInUse):
		return conflicting.problem("%s", plain(err))
	case errors.Is(err, context.DeadlineExceeded):
		return unavailable.problem("it took too long")
	}
	return internal.problem("the server's log says why")
}

func invalidProblem(e *cairn.InvalidError) *problem {
	k := invalid
	if strings.HasSuffix(e.Field, "size in bytes") {
		k = tooLarge
	}
	p := k.problem("%s: %s", e.Field, e.Problem)
	p.Field, p.Limit = e.Field, e.Limit
	return p
}

func conflictProblem(k kind, e *cairn.ConflictError) *problem {
	p := k.problem("%s", plain(e))
	first := conflictOf(e)
	p.Stream, p.Expected, p.Actual, p.Positions = first.Stream, first.Expected, first.Actual, first.Positions
	p.Conflicts = []conflict{first}
	for _, other := range e.Others {
		p.Conflicts = append(p.Conflicts, conflictOf(other))
	}
	return p
}

func deletedProblem(e *cairn.DeletedError) *problem {
	p := deleted.problem("%s", plain(e))
	p.Stream, p.State = e.Stream, cairn.StreamSoftDeleted.String()
	if e.Tombstone {
		p.State = cairn.StreamTombstoned.String()
	}
	return p
}

// plain is the text of an error without the name of the package it is from.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "cairn: ")
	return strings.TrimPrefix(strings.TrimPrefix(text, "group: "), "projection: ")
}
