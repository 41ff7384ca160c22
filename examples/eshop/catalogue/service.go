package catalogue

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// Options say what a catalogue works with.
type Options struct {
	// DB holds the tables, whose names begin with catalogue_. It is the caller's
	// to close. Required.
	DB *sql.DB

	// Dialect is SQLite or PostgreSQL. Required.
	Dialect sqlinbox.Dialect

	// Subscriber brings the integration events of others, and Publisher takes
	// this service's. [Service.Run] needs both.
	Subscriber broker.Subscriber
	Publisher  broker.Publisher

	// Empty starts a new catalogue without the products of [Seed].
	Empty bool

	// Logger is told what fails. Nil means slog.Default.
	Logger *slog.Logger
}

// A Service is a catalogue. Its methods may be called concurrently.
type Service struct {
	o     Options
	inbox *sqlinbox.Inbox
	stir  chan struct{} // holds something when the outbox may
}

// New makes the tables if they are not there, fills new ones with [Seed], and
// returns the service.
func New(o Options) (*Service, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	s := &Service{o: o, stir: make(chan struct{}, 1)}
	if err := s.prepare(context.Background()); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	var err error
	s.inbox, err = sqlinbox.New(o.DB, o.Dialect, "catalogue", sqlinbox.Options{Table: "catalogue_inbox"})
	return s, err
}

// Handler answers the requests of others:
//
//	GET    /products                ?category= &q=
//	GET    /products/{sku}
//	PUT    /products/{sku}          a Product
//	DELETE /products/{sku}
//	GET    /products/{sku}/picture  an SVG document
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]rest.HandlerFunc{
		"GET /products":          s.getAll,
		"GET /products/{sku}":    s.getOne,
		"PUT /products/{sku}":    s.putOne,
		"DELETE /products/{sku}": s.deleteOne,
	} {
		mux.Handle(pattern, rest.Handle(s.o.Logger, do))
	}
	mux.HandleFunc("GET /products/{sku}/picture", s.getPicture)
	return mux
}
