package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
	"github.com/cairndb/cairn/server/rest"
	"github.com/cairndb/cairn/server/rpc"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/server/ui"
)

// ErrClosed is the error of a server that was shut down, or that serves already.
var ErrClosed = errors.New("server: shut down, or serving already")

// A Server serves a store. Its methods may be called concurrently.
type Server struct {
	opts   Options
	store  cairn.Store
	access *access.Control
	log    *slog.Logger
	tls    *tls.Config // nil if nothing is encrypted

	health  *telemetry.Health
	kurrent *kurrent.Service
	rpc     *rpc.Service
	grpc    *grpc.Server
	rest    *rest.Handler
	ui      *ui.Handler
	http    *http.Server

	draining context.Context // ends when the server begins to stop
	drain    context.CancelFunc
	lifetime context.Context // ends when there is no more patience
	kill     context.CancelFunc
	readers  atomic.Int64
	running  sync.WaitGroup // the loops and the openings

	requests sync.WaitGroup // over HTTP

	mu       sync.Mutex
	listener net.Listener       // nil until Serve
	closing  bool               // Shutdown was called
	over     bool               // and has stopped waiting: there are no more requests
	opening  map[*conn]struct{} // connections nobody has taken yet
	open     int                // connections
}

// New makes a server of a store. The store remains the caller's, who closes it
// after [Server.Shutdown] has returned.
func New(store cairn.Store, o *Options) (*Server, error) {
	opts := o.withDefaults()
	s := &Server{opts: opts, access: opts.Access, log: opts.Logger, opening: make(map[*conn]struct{})}
	s.lifetime, s.kill = context.WithCancel(context.Background())
	s.draining, s.drain = context.WithCancel(context.Background())
	if opts.TLS != nil {
		s.tls = negotiating(opts.TLS)
	}
	s.health = telemetry.NewHealth(store)
	if opts.Instruments != nil {
		store = opts.Instruments.Observe(store)
	}
	s.store = store
	s.kurrent = kurrent.New(store, s.access, opts.Kurrent)
	s.rpc = rpc.New(store, s.access, opts.RPC)
	s.grpc = s.newGRPC()
	s.rest = s.newREST()
	s.ui = s.newUI()
	s.http = s.newHTTP()
	return s, nil
}

// negotiating adds the protocols to negotiate to a configuration.
func negotiating(c *tls.Config) *tls.Config {
	c = c.Clone()
	c.NextProtos = []string{"h2", "http/1.1"}
	return c
}

// ListenAndServe listens on a TCP address, such as "127.0.0.1:2113", and serves.
// See [Server.Serve].
func (s *Server) ListenAndServe(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// Serve serves the connections of a listener, which becomes the server's, until
// [Server.Shutdown] is called, and then returns nil. It is called once. It
// returns [ErrExposed] if other machines could reach what should not be reached.
func (s *Server) Serve(l net.Listener) error {
	if err := errors.Join(s.guard(l.Addr()), s.begin(l)); err != nil {
		return errors.Join(err, l.Close())
	}
	defer s.running.Done()
	toGRPC, toHTTP := newHandoff(l.Addr()), newHandoff(l.Addr())
	s.running.Go(func() { s.loop(s.grpc.Serve(toGRPC)) })
	s.running.Go(func() { s.loop(s.http.Serve(toHTTP)) })
	s.ui.Start()
	s.health.Ready()
	return s.accept(l, toGRPC, toHTTP)
}

// begin remembers the listener.
func (s *Server) begin(l net.Listener) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.listener != nil {
		return ErrClosed
	}
	s.listener = l
	s.running.Add(1)
	return nil
}

// loop says why one of the two servers stopped, if it should not have.
func (s *Server) loop(err error) {
	if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, grpc.ErrServerStopped) {
		s.log.Error("a server stopped", "error", err)
	}
}

// Addr is where the server listens; nil before [Server.Serve].
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}
