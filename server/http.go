package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"

	"github.com/cairndb/cairn/server/rest"
	"github.com/cairndb/cairn/server/ui"
)

// maxHeader is how many bytes the header of a request may have.
const maxHeader = 64 << 10

// newHTTP makes the server of what is not gRPC.
func (s *Server) newHTTP() *http.Server {
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true) // TLS, if any, is behind us
	return &http.Server{
		Handler:           s.tracked(restoreTLS(s.divertGRPC(s.handler()))),
		Protocols:         protocols,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: s.opts.Limits.Streams},
		ReadHeaderTimeout: s.opts.Limits.HeaderTime,
		IdleTimeout:       s.opts.Limits.IdleTime,
		MaxHeaderBytes:    maxHeader,
		ConnContext:       withConnection,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// handler says who answers which path, and what surrounds it.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/health/", s.health)
	mux.Handle("/", s.routes())
	in := s.opts.Instruments
	if in == nil {
		return s.protectHTTP(mux)
	}
	mux.Handle("GET /metrics", in.Handler())
	return in.HTTP(s.protectHTTP(mux))
}

// routes says who answers the paths that it matters who calls. The interface for
// everybody finds that out by itself, as its refusals look different.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.access.Middleware(s.kurrent.Handler()))
	mux.Handle(rest.Prefix+"/", s.rest)
	mux.Handle(ui.Prefix, s.ui)
	mux.Handle(ui.Prefix+"/", s.ui)
	mux.Handle("GET /{$}", http.RedirectHandler(ui.Prefix+"/", http.StatusSeeOther))
	if s.opts.Instruments != nil {
		return s.opts.Instruments.Routed(mux)
	}
	return mux
}

// newREST makes the interface for everybody with HTTP.
func (s *Server) newREST() *rest.Handler {
	o := s.opts.REST
	o.Done = s.draining.Done()
	return rest.New(s.store, s.access, o)
}

// newUI makes the window for browsers.
func (s *Server) newUI() *ui.Handler {
	o := s.opts.UI
	o.Done = s.draining.Done()
	if in := s.opts.Instruments; in != nil {
		o.Gatherer = in.Registry()
	}
	return ui.New(s.store, s.access, o)
}

// tracked lets a shutdown wait for the requests that it has cut off.
func (s *Server) tracked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.over {
			s.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		s.requests.Add(1)
		s.mu.Unlock()
		defer s.requests.Done()
		next.ServeHTTP(w, r)
	})
}

type connectionKey struct{}

// withConnection remembers the state of a connection's encryption.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	if ours, ok := c.(*conn); ok {
		return context.WithValue(ctx, connectionKey{}, ours.secure())
	}
	return ctx
}

// restoreTLS puts the state of the encryption where handlers look for it.
func restoreTLS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if state, _ := r.Context().Value(connectionKey{}).(*tls.ConnectionState); state != nil {
			r.TLS = state
		}
		next.ServeHTTP(w, r)
	})
}

// divertGRPC lets gRPC have its calls on a connection that began with another
// request.
func (s *Server) divertGRPC(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 && isGRPC(r.Header.Get("Content-Type")) {
			s.grpc.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// protectHTTP logs a request that panics. Its answer is cut off.
func (s *Server) protectHTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p != http.ErrAbortHandler {
				s.log.Error("a request panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			}
			panic(http.ErrAbortHandler)
		}()
		next.ServeHTTP(w, r)
	})
}
