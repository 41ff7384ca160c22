package rpc

import (
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
	"github.com/cairndb/cairn/server/access"
)

// Options are the settings of a service. The zero value is right for most.
type Options struct {
	// PendingBytes is how many bytes of batches a Commit stream takes in, at
	// most, while the store is busy with those before them. A single batch may
	// be larger. Zero means 8 MiB.
	PendingBytes int

	// SessionLife is how long what was committed in a session is remembered
	// after its connection broke: a client that comes back within it loses
	// nothing and repeats nothing. Zero means five minutes.
	SessionLife time.Duration
}

func (o Options) withDefaults() Options {
	if o.PendingBytes <= 0 {
		o.PendingBytes = 8 << 20
	}
	if o.SessionLife <= 0 {
		o.SessionLife = 5 * time.Minute
	}
	return o
}

// errShutdown ends what would otherwise wait for ever.
var errShutdown = errors.New("rpc: the server is shutting down")

// A Service serves one store. Its methods may be called concurrently.
type Service struct {
	cairnv1.UnimplementedStoreServer

	store    cairn.Store
	control  *access.Control
	options  Options
	sessions *sessions
	endless  endless

	closing  chan struct{}  // closed by Shutdown
	once     sync.Once      // closes it
	handlers sync.WaitGroup // and what they started
}

// New makes a service for the store. The store stays the caller's, who closes it
// after [Service.Shutdown].
func New(store cairn.Store, c *access.Control, o Options) *Service {
	o = o.withDefaults()
	return &Service{
		store: store, control: c, options: o,
		sessions: newSessions(o.SessionLife), closing: make(chan struct{}),
	}
}

// Register adds the service to a gRPC server. None of its messages is longer than
// 1 MiB. Clients send a ping after 10 seconds of silence, which the server's
// enforcement policy has to permit.
func (s *Service) Register(r grpc.ServiceRegistrar) { cairnv1.RegisterStoreServer(r, s) }

// Shutdown ends the calls that would go on for ever, so that a graceful stop of
// the gRPC server can end: a Commit stream answers what it has received, says
// that it took no more, and ends; followers end. Clients reconnect. Shutdown does
// not wait; [Service.Wait] does.
func (s *Service) Shutdown() {
	s.once.Do(func() { close(s.closing) })
	s.endless.end()
}

// Wait returns when nothing of the service runs any more: after Shutdown, when
// the gRPC server has stopped.
func (s *Service) Wait() { s.handlers.Wait() }
