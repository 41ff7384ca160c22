package server

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
	"github.com/cairndb/cairn/server/rest"
	"github.com/cairndb/cairn/server/rpc"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/server/ui"
)

// Options are the settings of a server. The zero value serves its own machine.
type Options struct {
	// Access says who may do what. Nil lets everybody do everything, as
	// [access.Open] does.
	Access *access.Control

	// TLS encrypts all connections. It must have a certificate. The protocols
	// to negotiate are set by the server. Nil means no encryption.
	TLS *tls.Config

	// Insecure allows a server that is not encrypted, or lets everybody do
	// everything, to listen where other machines can reach it. Without it
	// [Server.Serve] refuses with [ErrExposed].
	Insecure bool

	// Kurrent are the settings of what serves the clients of KurrentDB. Its
	// logger is the server's if it has none.
	Kurrent kurrent.Options

	// RPC are the settings of what serves Cairn's own clients.
	RPC rpc.Options

	// REST are the settings of the HTTP interface. Its logger is the server's
	// if it has none, and Done is set by the server.
	REST rest.Options

	// UI are the settings of the window for browsers. Its logger is the server's
	// if it has none, its metrics those of Instruments, and Done is set by the
	// server.
	UI ui.Options

	// Limits are what clients may ask of the server.
	Limits Limits

	// Instruments measure and trace what the server does; it then serves their
	// metrics. Nil measures nothing.
	Instruments *telemetry.Instruments

	// GRPC are further options of the gRPC server. Interceptors among them
	// run inside of the server's own.
	GRPC []grpc.ServerOption

	// Logger is told what nobody is there to receive as an error. Nil is
	// silent.
	Logger *slog.Logger
}

// Limits are what clients may ask of a server. Zero means the default.
type Limits struct {
	// Connections is how many connections may be open. More are closed at
	// once. The default is 10,000.
	Connections int

	// Streams is how many calls one connection may have open. Clients wait
	// for their turn. The default is 10,000.
	Streams int

	// Reads is how many calls of gRPC may read at the same time, followers
	// among them. More are answered UNAVAILABLE. The default is 50,000.
	Reads int

	// MessageSize is how many bytes a message from a client may have. The
	// default is what fits the largest event: 17 MiB.
	MessageSize int

	// HandshakeTime is how long a client may take to say what it speaks, and
	// for its TLS handshake. The default is 10 seconds.
	HandshakeTime time.Duration

	// HeaderTime is how long a client may take to send the header of an HTTP
	// request. The default is 10 seconds.
	HeaderTime time.Duration

	// IdleTime is how long a connection may be open without a request. It
	// does not concern gRPC, whose clients may wait. The default is 5 minutes.
	IdleTime time.Duration
}

func (l Limits) withDefaults() Limits {
	l.Connections = cmp.Or(l.Connections, 10_000)
	l.Streams = cmp.Or(l.Streams, 10_000)
	l.Reads = cmp.Or(l.Reads, 50_000)
	l.MessageSize = cmp.Or(l.MessageSize, 17<<20)
	l.HandshakeTime = cmp.Or(l.HandshakeTime, 10*time.Second)
	l.HeaderTime = cmp.Or(l.HeaderTime, 10*time.Second)
	l.IdleTime = cmp.Or(l.IdleTime, 5*time.Minute)
	return l
}

func (o *Options) withDefaults() Options {
	var all Options
	if o != nil {
		all = *o
	}
	if all.Access == nil {
		all.Access = access.Open()
	}
	if all.Logger == nil {
		all.Logger = slog.New(slog.DiscardHandler)
	}
	if all.Kurrent.Logger == nil {
		all.Kurrent.Logger = all.Logger
	}
	if all.REST.Logger == nil {
		all.REST.Logger = all.Logger
	}
	if all.UI.Logger == nil {
		all.UI.Logger = all.Logger
	}
	all.Limits = all.Limits.withDefaults()
	return all
}
