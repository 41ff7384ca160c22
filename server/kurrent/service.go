package kurrent

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/gossip"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/serverfeatures"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrent/monitoring"
	"github.com/cairndb/cairn/internal/proto/kurrent/operations"
	"github.com/cairndb/cairn/internal/proto/kurrent/users"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// Options are the settings of a service. The zero value is right for most.
type Options struct {
	// MaxAppendSize is how many bytes the events of one append may have: their
	// data, metadata and, twice, the characters of their type. Zero means
	// [cairn.MaxBatchSize], which is also the most.
	MaxAppendSize int

	// MaxAppendEventSize is the same for one event. Zero means
	// [cairn.MaxEventSize], which is also the most.
	MaxAppendEventSize int

	// WriteTimeout is how long a write may take before it is answered with a
	// timeout. Zero means 2 seconds.
	WriteTimeout time.Duration

	// AdvertiseHost and AdvertisePort are where clients that discover the
	// server are told to find it. Empty and zero mean where it was called.
	AdvertiseHost string
	AdvertisePort int

	// Version is the version of KurrentDB that clients are told, three numbers
	// with dots; they choose by it what they use. Empty means
	// [DefaultVersion].
	Version string

	// Shutdown is called when an operator asks the server to stop, and must
	// return before it has: the answer is on its way. If it is nil the server
	// goes on.
	Shutdown func()

	// Logger is told what nobody is there to receive as an error. Nil is
	// silent.
	Logger *slog.Logger
}

// DefaultVersion is the version of KurrentDB whose protocol is served.
const DefaultVersion = "26.1.0"

const defaultWriteTimeout = 2 * time.Second

func (o Options) withDefaults() Options {
	o.MaxAppendSize = atMost(o.MaxAppendSize, cairn.MaxBatchSize)
	o.MaxAppendEventSize = atMost(o.MaxAppendEventSize, cairn.MaxEventSize)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, defaultWriteTimeout)
	o.Version = cmp.Or(o.Version, DefaultVersion)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// atMost is n, or the limit if n is zero or over it.
func atMost(n, limit int) int {
	if n <= 0 {
		return limit
	}
	return min(n, limit)
}

// A Service answers the calls of KurrentDB's clients from a store. Its methods
// may be called concurrently.
type Service struct {
	store  cairn.Store
	access *access.Control
	opts   Options

	operations    *operationsServer
	subscriptions *persistent.Subscriptions
	receipts      receipts

	closing context.Context // ends when the service does
	end     context.CancelCauseFunc
	mu      sync.Mutex     // held while a call begins, so that none does unseen by Close
	calls   sync.WaitGroup // that do not end by themselves
}

// New makes a service. The store and the control remain the caller's to close.
func New(store cairn.Store, c *access.Control, o Options) *Service {
	s := &Service{store: store, access: c, opts: o.withDefaults()}
	s.operations = &operationsServer{Service: s}
	s.subscriptions = persistent.New(store, s.openSource, persistent.Options{Logger: s.opts.Logger})
	s.closing, s.end = context.WithCancelCause(context.Background())
	return s
}

// Register adds the service's gRPC services to a server. It is called before
// the server serves. The server must encode with [Codec].
func (s *Service) Register(to grpc.ServiceRegistrar) {
	r := &noted{ServiceRegistrar: to}
	streams.RegisterStreamsServer(r, &streamsServer{Service: s})
	r.RegisterService(&v2Description, &v2Server{s})
	r.RegisterService(&persistentDescription, &persistentServer{Service: s})
	gossip.RegisterGossipServer(r, &gossipServer{Service: s})
	monitoring.RegisterMonitoringServer(r, &monitoringServer{Service: s})
	users.RegisterUsersServer(r, newUsersServer(s))
	operations.RegisterOperationsServer(r, s.operations)
	serverfeatures.RegisterServerFeaturesServer(r, &featuresServer{Service: s, noted: r})
}

// Close ends the subscriptions, which would otherwise keep a server from
// stopping in good order, and waits for them. Later ones are refused. Other
// calls are still answered. Persistent ones end first: that their consumers go is
// the server's doing then, and no failure of theirs.
func (s *Service) Close() {
	s.subscriptions.Close(errShutdown)
	s.mu.Lock()
	s.end(errShutdown)
	s.mu.Unlock()
	s.calls.Wait()
}

// lasting begins a call that does not end by itself: it ends with the context
// returned, which ends with the call's own or with the service. The caller calls
// done at the end.
func (s *Service) lasting(call context.Context) (ctx context.Context, done func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Err() != nil {
		return nil, nil, errShutdown
	}
	s.calls.Add(1)
	ctx, cancel := context.WithCancelCause(call)
	stop := context.AfterFunc(s.closing, func() { cancel(errShutdown) })
	return ctx, func() {
		stop()
		cancel(nil)
		s.calls.Done()
	}, nil
}
