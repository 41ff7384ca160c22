package kurrent

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// Handler answers what KurrentDB's tools ask over HTTP: what the server is, how
// it does, and to operate it. Events are not served over HTTP in KurrentDB's own
// format. What nobody knows is 404. The principal is expected in the request's
// context, where [access.With] puts it.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", s.ping)
	mux.HandleFunc("GET /info", s.info)
	mux.Handle("GET /info/options", s.only(s.infoOptions, access.Operations))
	mux.Handle("GET /stats", s.only(s.webStats))
	mux.Handle("GET /stats/{path...}", s.only(s.webStats))
	mux.HandleFunc("GET /gossip", s.webGossip)
	s.operate(mux)
	s.watchPersistent(mux)
	mux.HandleFunc("/streams/", noAtom)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Not Found", http.StatusNotFound)
	})
	return mux
}

// only lets callers in who have one of the roles; any user without roles.
func (s *Service) only(next http.HandlerFunc, roles ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.access.CheckRole(r.Context(), roles...); err != nil {
			s.webFail(w, r, err)
			return
		}
		next(w, r)
	})
}

// webFail answers with an error. Who has not said who he is is asked to.
func (s *Service) webFail(w http.ResponseWriter, r *http.Request, err error) {
	denied := errors.Is(err, access.ErrDenied)
	switch {
	case errors.Is(err, access.ErrUnauthenticated), denied && access.From(r.Context()).Anonymous():
		w.Header().Set("WWW-Authenticate", `X-Basic realm="ESDB"`)
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	case denied:
		http.Error(w, "Access Denied", http.StatusForbidden)
	case errors.Is(err, cairn.ErrClosed):
		http.Error(w, "Server Is Not Ready", http.StatusServiceUnavailable)
	default:
		s.opts.Logger.ErrorContext(r.Context(), "a request failed", "path", r.URL.Path, "error", err)
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	}
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // fails if the caller has gone away
}

// noAtom tells those who speak KurrentDB's older protocol what there is instead.
func noAtom(w http.ResponseWriter, r *http.Request) {
	const text = "AtomPub is not served. Use a KurrentDB client, which speaks gRPC, or Cairn's own HTTP API."
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		http.Error(w, text, http.StatusNotFound)
		return
	}
	w.Header().Set("Allow", "")
	http.Error(w, text, http.StatusMethodNotAllowed)
}
