package rest

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"github.com/rs/cors"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// Prefix begins the path of everything that [New] serves.
const Prefix = "/api/v1"

// Options are the settings of the handler. Zero values mean the defaults.
type Options struct {
	// Done ends all followers when it is closed, with an event that says so: a
	// server closes it when it shuts down. Nil never does.
	Done <-chan struct{}

	// MaxBody is how many bytes the body of a request may have. It does not
	// concern imports, whose bodies are read line by line. The default is
	// 64 MiB.
	MaxBody int64

	// MaxFollowers is how many requests may follow at the same time. The
	// default is 1000.
	MaxFollowers int

	// MaxReceivers is how many groups the server takes part in at the same time
	// for consumers over HTTP. The default is 100.
	MaxReceivers int

	// ReceiverIdle is how long it stays in a group after the last of them was
	// heard of. The default is a minute.
	ReceiverIdle time.Duration

	// MaxImports is how many imports may run at the same time. The default is 2.
	MaxImports int

	// ImportMemory is how many streams and events one import may touch, which
	// bounds the memory that it takes: some 30 bytes for each. The default is
	// two million.
	ImportMemory int

	// WriteTimeout is how long a client may take to receive a part of an
	// answer before it is cut off, and ReadTimeout how long to send a part of
	// a body. The default of both is 30 seconds.
	WriteTimeout time.Duration
	ReadTimeout  time.Duration

	// Heartbeat is how long nothing is sent to a follower before a sign of life
	// is. The default is 15 seconds.
	Heartbeat time.Duration

	// CORS are the origins whose pages may use the API from a browser, such as
	// "https://example.org"; "*" means all. Without any none may.
	CORS []string

	// Logger is told of errors that the answer keeps to itself. Nil is silent.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	o.MaxBody = cmp.Or(o.MaxBody, cairn.MaxBatchSize)
	o.MaxFollowers = cmp.Or(o.MaxFollowers, 1000)
	o.MaxReceivers = cmp.Or(o.MaxReceivers, 100)
	o.ReceiverIdle = cmp.Or(o.ReceiverIdle, time.Minute)
	o.MaxImports = cmp.Or(o.MaxImports, 2)
	o.ImportMemory = cmp.Or(o.ImportMemory, 2_000_000)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 30*time.Second)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, 30*time.Second)
	o.Heartbeat = cmp.Or(o.Heartbeat, 15*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

type service struct {
	store     cairn.Store
	access    *access.Control
	o         Options
	followers places
	imports   places
	receivers *receivers
}

// A Handler serves a store. It is made by [New].
type Handler struct {
	http.Handler
	receivers *receivers
}

// Close leaves the groups that the handler takes part in for its callers, and
// waits until that is done. What they have not settled is delivered again.
// Requests that come later find them closed.
func (h *Handler) Close() { h.receivers.close() }

// New serves the store to those whom c admits; it finds out who calls by itself.
// The handler answers all paths below [Prefix]. No goroutine of it outlives its
// request, but for those that take part in groups, which [Handler.Close] ends.
// Closing the store stays with the caller, after that.
func New(store cairn.Store, c *access.Control, o Options) *Handler {
	s := newService(store, c, o)
	return &Handler{s.handler(), s.receivers}
}

func newService(store cairn.Store, c *access.Control, o Options) *service {
	o = o.withDefaults()
	return &service{
		store: store, access: c, o: o, followers: make(places, o.MaxFollowers), imports: make(places, o.MaxImports),
		receivers: newReceivers(store, &o),
	}
}

func (s *service) handler() http.Handler {
	return s.crossOrigin(s.access.Identify(s.mux(), s.refuse))
}

// refuse answers a request of which it could not be found out who sent it.
func (s *service) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.answer(func(http.ResponseWriter, *http.Request) error { return err }).ServeHTTP(w, r)
}

// crossOrigin lets pages of other origins in, if any may.
func (s *service) crossOrigin(next http.Handler) http.Handler {
	if len(s.o.CORS) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: s.o.CORS,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete},
		AllowedHeaders: []string{"*"},
		ExposedHeaders: []string{"ETag", "Location", "Link", "Retry-After"},
		MaxAge:         600,
	}).Handler(next)
}

// places bounds how many requests do the same at once.
type places chan struct{}

// take takes a place, unless all are taken; release gives it back.
func (p places) take(what string) (release func(), err error) {
	select {
	case p <- struct{}{}:
		return func() { <-p }, nil
	default:
		return nil, busy.problem("the server runs %d %s, which is as many as it may", cap(p), what)
	}
}
