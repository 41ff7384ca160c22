package nats

import (
	"fmt"
	"sync/atomic"
	"time"

	client "github.com/nats-io/nats.go"

	"github.com/cairndb/cairn/broker/internal/lane"
)

// A Connection says how to reach the servers.
type Connection struct {
	// Conn is a connection that is lent: it is used and never closed.
	Conn *client.Conn

	// URL has the servers to connect to, separated by commas, if no Conn is
	// lent. Empty means 127.0.0.1:4222.
	URL string

	// Options are further ones for that: credentials, TLS, names, handlers.
	Options []client.Option
}

// An InvalidError names an option that cannot be.
type InvalidError struct {
	Field  string
	Reason string
}

// Error names the option and what is wrong with it.
func (e *InvalidError) Error() string { return fmt.Sprintf("nats: option %s %s", e.Field, e.Reason) }

// A link is a connection, and why it is none now.
type link struct {
	*client.Conn
	release func()
	last    atomic.Pointer[error] // nil if the connection was lent
}

// why says what the last attempt to connect has failed with, or nil.
func (l *link) why() error {
	if last := l.last.Load(); last != nil {
		return *last
	}
	return l.LastError()
}

// note keeps why there is no connection.
func (l *link) note(_ *client.Conn, err error) {
	if err != nil {
		l.last.Store(&err)
	}
}

// dial connects. A server that is down, or does not let us in yet, is tried again
// and again in the background: a service may start before its broker.
func (c *Connection) dial() (*link, error) {
	if c.Conn != nil {
		return &link{Conn: c.Conn, release: func() {}}, nil
	}
	url, l := c.URL, &link{}
	if url == "" {
		url = client.DefaultURL
	}
	options := append([]client.Option{
		client.Name("cairn"), client.MaxReconnects(-1), client.IgnoreAuthErrorAbort(),
		client.CustomReconnectDelay(lane.Backoff(100*time.Millisecond, 5*time.Second)), // wrong credentials are not tried hot
		client.PingInterval(20 * time.Second), client.DisconnectErrHandler(l.note), client.ReconnectErrHandler(l.note),
		client.ErrorHandler(func(*client.Conn, *client.Subscription, error) {}), // or it prints
	}, c.Options...)
	var err error
	if l.Conn, err = client.Connect(url, options...); err != nil {
		l.note(nil, err) // which the next attempt would not tell
		l.Conn, err = client.Connect(url, append(options, client.RetryOnFailedConnect(true))...)
	}
	if err != nil {
		return nil, &InvalidError{Field: "URL or Options", Reason: "do not make a connection: " + err.Error()}
	}
	l.release = l.Conn.Close
	return l, nil
}
