package rabbitmq

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker/internal/lane"
)

// A Connection says how to reach a broker.
type Connection struct {
	// URL is like amqp://user:password@host:5672/vhost, or amqps:// for TLS.
	URL string

	// TLS is for amqps. Nil trusts what the system trusts.
	TLS *tls.Config

	// Name is what the broker lists the connection as. Zero means "cairn".
	Name string

	// Timeout is for connecting, and for writing when the broker reads no more.
	// Zero means 10 s.
	Timeout time.Duration

	// Reconnect is how long to wait after so many failures in a row. Nil means
	// a time that doubles from 100 ms to 30 s.
	Reconnect func(failures int) time.Duration

	// Declare, if not nil, is called for every new connection before it is
	// used, to declare exchanges, queues and bindings.
	Declare func(*amqp.Channel) error

	// OnConnection, if not nil, is told nil of every new connection, and
	// otherwise why there is none, or none any more. It must be quick.
	OnConnection func(error)
}

// withDefaults checks what can be checked without a broker.
func (o Connection) withDefaults() (Connection, error) {
	if _, err := amqp.ParseURI(o.URL); err != nil {
		// The cause would repeat the URL, and with it the password.
		return o, &InvalidError{Field: "URL", Reason: "must be like amqp://user:password@host:5672/vhost"}
	}
	if o.Timeout < 0 {
		return o, &InvalidError{Field: "Timeout", Reason: "must not be negative"}
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Name == "" {
		o.Name = "cairn"
	}
	if o.Reconnect == nil {
		o.Reconnect = lane.Backoff(100*time.Millisecond, 30*time.Second)
	}
	if o.OnConnection == nil {
		o.OnConnection = func(error) {}
	}
	return o, nil
}

// open connects and opens a channel.
func (o *Connection) open(ctx context.Context) (*amqp.Connection, *amqp.Channel, error) {
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName(o.Name)
	var stop func() bool
	conn, err := amqp.DialConfig(o.URL, amqp.Config{
		TLSClientConfig: o.TLS,
		Heartbeat:       10 * time.Second,
		Properties:      properties,
		Dial: func(network, addr string) (net.Conn, error) {
			c, err := o.dial(ctx, network, addr)
			if err == nil {
				stop = context.AfterFunc(ctx, func() { c.Close() })
			}
			return c, err
		},
	})
	if stop != nil {
		stop()
	}
	if err != nil {
		return nil, nil, err
	}
	ch, err := o.prepare(conn)
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	return conn, ch, nil
}

// dial makes a connection that must have shaken hands in time. When that is
// done the client takes the deadline away.
func (o *Connection) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: o.Timeout}
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(o.Timeout)); err != nil {
		c.Close()
		return nil, err
	}
	return &impatient{c, o.Timeout}, nil
}

func (o *Connection) prepare(conn *amqp.Connection) (*amqp.Channel, error) {
	ch, err := conn.Channel()
	if err == nil && o.Declare != nil {
		err = o.Declare(ch)
	}
	return ch, err
}

// An impatient connection gives up on writing to a broker that reads no more, as
// one short of memory does.
type impatient struct {
	net.Conn
	timeout time.Duration
}

// Write writes, or fails when the time is up.
func (c *impatient) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
