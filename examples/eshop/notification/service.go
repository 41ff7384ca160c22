package notification

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// Options say what the notifications work with.
type Options struct {
	// DB holds the tables, whose names begin with notification_. It is the
	// caller's to close. Required.
	DB *sql.DB

	// Dialect is SQLite or PostgreSQL. Required.
	Dialect sqlinbox.Dialect

	// Orders and Payments bring what is said there. [Service.Run] needs both.
	Orders, Payments broker.Subscriber

	// Logger is told what fails. Nil means slog.Default.
	Logger *slog.Logger
}

// A Service writes e-mails. Its methods may be called concurrently.
type Service struct {
	o     Options
	inbox *sqlinbox.Inbox
}

// New makes the tables if they are not there.
func New(o Options) (*Service, error) {
	o.Logger = cmp.Or(o.Logger, slog.Default())
	schema, err := sqlinbox.Schema(o.Dialect, "notification_inbox")
	if err != nil {
		return nil, err
	}
	for _, statement := range append(schema, tables(o.Dialect)...) {
		if _, err := o.DB.Exec(statement); err != nil {
			return nil, fmt.Errorf("notification: %w", err)
		}
	}
	in, err := sqlinbox.New(o.DB, o.Dialect, "notification", sqlinbox.Options{Table: "notification_inbox"})
	return &Service{o, in}, err
}

// Handler answers the requests of others:
//
//	GET /notifications   the newest hundred, ?customer= &order= for some of them
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /notifications", rest.Handle(s.o.Logger, s.getAll))
	return mux
}

// Run writes e-mails until ctx ends. It returns the cause of ctx, or what could
// not be mended.
func (s *Service) Run(ctx context.Context) error {
	mux, err := s.routes()
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		end(s.o.Payments.Subscribe(ctx, mux.Handle))
	}()
	end(s.o.Orders.Subscribe(ctx, mux.Handle))
	<-ended
	return context.Cause(ctx)
}
