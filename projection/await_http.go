package projection

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/cairndb/cairn"
)

// retryAfter is what a client is told to wait, in seconds, that was too early.
const retryAfter = "1"

// Fresh makes handlers answer from a read model that shows what the client has
// written. If a request carries a token ([TokenOf]), it is held until the active
// build of the projection shows everything up to there ([Wait]), for the timeout
// at most, and then given to the handler. A request without one is given at once.
//
//	mux.Handle("GET /balance/{account}", projection.Fresh(store, target, "balances", time.Second)(balance))
//
// What cannot be answered is an application/problem+json (RFC 9457): status 503
// with Retry-After if the read model is late or cannot be asked, 400 if the token
// is malformed or of another store. Responses vary by the header, and say so to
// caches.
//
// A timeout of zero or less is a second.
func Fresh(log Log, ledger Ledger, name string, timeout time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Vary", TokenHeader)
			if err := freshen(r, log, ledger, name, timeout); err != nil {
				refuse(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func freshen(r *http.Request, log Log, ledger Ledger, name string, timeout time.Duration) error {
	token, err := TokenOf(r)
	if err != nil {
		return err
	}
	if timeout <= 0 {
		timeout = time.Second
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	return Wait(ctx, log, ledger, name, token)
}

// A problem is an error as an HTTP client gets it.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`

	Field    string         `json:"field,omitempty"`
	Position cairn.Position `json:"position,omitempty"` // where the read model has to be
	At       cairn.Position `json:"at,omitempty"`       // and where it is
	Behind   uint64         `json:"behind,omitempty"`
}

// problems is where they are explained.
const problems = "https://github.com/cairndb/cairn/blob/main/docs/projections.md#"

// problemOf says what a client may know. What a database answered is not for it.
func problemOf(err error) problem {
	if e, ok := errors.AsType[*cairn.InvalidError](err); ok && e.Field == tokenField {
		return problem{Type: problems + "malformed", Title: "Malformed token", Status: http.StatusBadRequest, Detail: TokenHeader + ": " + e.Problem, Field: TokenHeader}
	}
	if e, ok := errors.AsType[*LateError](err); ok {
		return problem{
			Type: problems + "late", Title: "Not there yet", Status: http.StatusServiceUnavailable,
			Detail:   "The data do not show yet what you have written. Try again in a moment.",
			Position: e.Need, At: e.At, Behind: e.Behind(),
		}
	}
	return problem{
		Type: problems + "unavailable", Title: "Unavailable", Status: http.StatusServiceUnavailable,
		Detail: "It cannot be found out now whether the data show what you have written.",
	}
}

// refuse answers a request that the handler does not get. One whose client has
// gone gets no answer.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && !errors.Is(err, ErrLate) {
		return
	}
	p := problemOf(err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that has gone is none of ours
}
