package access

import (
	"errors"
	"net/http"
)

// challenge is what KurrentDB's tools expect. Browsers do not know it, and so
// do not ask for a password of their own accord.
const challenge = `X-Basic realm="ESDB"`

// Middleware finds out who calls and puts that into the request's context: see
// [From]. Credentials that are wrong are answered with [Unauthorized].
func (c *Control) Middleware(next http.Handler) http.Handler {
	return c.Identify(next, func(w http.ResponseWriter, _ *http.Request, err error) {
		if errors.Is(err, ErrUnauthenticated) {
			Unauthorized(w, challenge)
			return
		}
		http.Error(w, "Server Is Too Busy", http.StatusServiceUnavailable)
	})
}

// Identify is Middleware for handlers with answers of their own: refuse is
// called with the error of [Control.Authenticate] and writes the answer.
func (c *Control) Identify(next http.Handler, refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := c.requester(r)
		if err != nil {
			refuse(w, r, err)
			return
		}
		known := r.WithContext(With(r.Context(), p))
		next.ServeHTTP(w, known)
		r.Pattern = known.Pattern // for whoever measures routes outside of this
	})
}

func (c *Control) requester(r *http.Request) (Principal, error) {
	headers := r.Header["Authorization"]
	switch len(headers) {
	case 0:
		return c.Authenticate(r.Context(), "", r.TLS)
	case 1:
		return c.Authenticate(r.Context(), headers[0], r.TLS)
	}
	if c.Insecure() {
		return administrator, nil
	}
	return Principal{}, ErrUnauthenticated
}

// Unauthorized answers a request with 401 and a challenge: empty for that of
// KurrentDB's tools, or one such as `Basic realm="Cairn"`, at which a browser
// asks for a password. It is for a handler that wants to know who calls, too.
func Unauthorized(w http.ResponseWriter, schemes string) {
	if schemes == "" {
		schemes = challenge
	}
	w.Header().Set("WWW-Authenticate", schemes)
	http.Error(w, "Unauthenticated", http.StatusUnauthorized)
}
