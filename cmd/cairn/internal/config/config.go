package config

import "time"

// A Config is how a server is to be run.
type Config struct {
	Store  string // directory
	Memory bool   // serve a new store in memory instead

	Listen        string // host and port
	AdvertiseHost string // where clients that discover the server find it
	AdvertisePort int
	CORSOrigins   []string
	Pprof         string // host and port of a loopback address; empty for none

	Insecure  bool
	TLSCert   string // file
	TLSKey    string // file
	TLSCA     string // file or directory
	Admin     Password
	Ops       Password
	Anonymous bool // callers without credentials may use streams that are open to all

	MaxAppendSize      int // bytes
	MaxAppendEventSize int // bytes
	MaxMessageSize     int // bytes
	MaxConnections     int
	MaxStreams         int // per connection
	MaxReads           int
	CacheSize          int // bytes

	WriteTimeout     time.Duration
	HandshakeTimeout time.Duration
	HeaderTimeout    time.Duration
	IdleTimeout      time.Duration
	ShutdownTimeout  time.Duration

	LogLevel     string
	LogFormat    string
	OTLPEndpoint string
	ReadyFile    string
}

// A Password is that of a user whom a new store begins with, or the file it is
// in.
type Password struct {
	Text string
	File string
}
