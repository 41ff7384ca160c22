package cairntest

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server"
	"github.com/cairndb/cairn/server/access"
)

// A Server is a running server. Its methods may be called concurrently.
type Server struct {
	store  cairn.Store
	server *server.Server
	addr   string
	certs  *authority // nil without TLS
}

// An Option changes how a server is started.
type Option func(*settings)

type settings struct {
	options server.Options
	tls     bool
}

// TLS makes the server encrypt, with a certificate made for the test, and ask
// callers who they are. There are the users admin and ops, both with the
// password "changeit".
func TLS() Option { return func(s *settings) { s.tls = true } }

// With sets the server's options. Access and TLS are set by [TLS] if that is
// given too.
func With(o server.Options) Option { return func(s *settings) { s.options = o } }

// patience is how long the end of a test waits for calls that are under way.
const patience = 5 * time.Second

// Start starts a server over a new store in memory. At the end of the test the
// server is shut down and the store closed; calls that are still under way then
// and do not end by themselves fail the test, because the test has leaked them.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	set := &settings{}
	for _, o := range options {
		o(set)
	}
	s, err := start(t, set)
	if err != nil {
		t.Fatalf("cairntest: %v", err)
	}
	return s
}

func start(t testing.TB, set *settings) (*Server, error) {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { report(t, "closing the store", store.Close()) })
	s := &Server{store: store}
	if err := access.Bootstrap(t.Context(), store, access.BootstrapOptions{Iterations: 1}); err != nil {
		return nil, err
	}
	if set.tls {
		if err := s.secure(t, &set.options); err != nil {
			return nil, err
		}
	}
	if s.server, err = server.New(store, &set.options); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.addr = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(l) }()
	t.Cleanup(func() {
		report(t, "stopping the server", s.stop())
		report(t, "serving", <-served)
	})
	return s, nil
}

// secure makes the server one that encrypts and has users.
func (s *Server) secure(t testing.TB, o *server.Options) error {
	certs, err := newAuthority(t.TempDir())
	if err != nil {
		return err
	}
	s.certs = certs
	if o.TLS, err = certs.server(); err != nil {
		return err
	}
	o.Access, err = access.New(t.Context(), s.store, access.Options{Iterations: 1})
	if err == nil {
		t.Cleanup(func() { report(t, "closing", o.Access.Close()) })
	}
	return err
}

var errLeaked = errors.New("calls to the server did not end, although the test did")

// stop shuts the server down; what it has to cut off was leaked.
func (s *Server) stop() error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errLeaked)
	defer cancel()
	return s.server.Shutdown(ctx)
}

func report(t testing.TB, doing string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("cairntest: %s: %v", doing, err)
	}
}
