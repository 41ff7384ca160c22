package config

import (
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// A Setting is something that can be set.
type Setting struct {
	Name  string // on the command line and in the file
	Value string // what stands for its value in the help
	Usage string
	Group string // under which it is listed

	secret bool
	at     func(*Config) value
}

// Env is the setting's name in the environment.
func (s Setting) Env() string {
	return "CAIRN_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// Default is the setting's value if nothing sets it.
func (s Setting) Default() string {
	c := Default()
	return s.at(&c).String()
}

// Switch reports whether the setting is either on or off.
func (s Setting) Switch() bool {
	_, ok := s.at(&Config{}).(yes)
	return ok
}

// The groups of settings.
const (
	groupStore    = "The store"
	groupNetwork  = "The network"
	groupSecurity = "Security"
	groupLimits   = "Limits"
	groupWatching = "Watching it"
)

const hour = time.Hour

// Settings are all settings, in the order in which they are listed.
var Settings = []Setting{
	{Name: "store", Value: "DIR", Group: groupStore, Usage: "the directory that holds the store",
		at: func(c *Config) value { return text{&c.Store} }},
	{Name: "memory", Group: groupStore, Usage: "serve a new store in memory, which is gone at the end",
		at: func(c *Config) value { return yes{&c.Memory} }},
	{Name: "cache-size", Value: "BYTES", Group: groupStore, Usage: "how much of the index to keep in memory",
		at: func(c *Config) value { return size{&c.CacheSize, 1 << 20, 1 << 40} }},

	{Name: "listen", Value: "HOST:PORT", Group: groupNetwork, Usage: "where to listen; port 0 takes a free one",
		at: func(c *Config) value { return address{to: &c.Listen} }},
	{Name: "advertise-host", Value: "HOST", Group: groupNetwork, Usage: "where clients that discover the server find it; empty for where they called",
		at: func(c *Config) value { return text{&c.AdvertiseHost} }},
	{Name: "advertise-port", Value: "PORT", Group: groupNetwork, Usage: "the port of it; 0 for where they called",
		at: func(c *Config) value { return number{&c.AdvertisePort, 0, maxPort} }},
	{Name: "cors-origin", Value: "ORIGIN,…", Group: groupNetwork, Usage: "pages that may use the HTTP interface from a browser; * for all",
		at: func(c *Config) value { return list{&c.CORSOrigins} }},

	{Name: "insecure", Group: groupSecurity, Usage: "neither encrypt nor ask who calls: everybody is an administrator",
		at: func(c *Config) value { return yes{&c.Insecure} }},
	{Name: "tls-cert", Value: "FILE", Group: groupSecurity, Usage: "the server's certificate, in PEM",
		at: func(c *Config) value { return text{&c.TLSCert} }},
	{Name: "tls-key", Value: "FILE", Group: groupSecurity, Usage: "the key of it, in PEM",
		at: func(c *Config) value { return text{&c.TLSKey} }},
	{Name: "tls-ca", Value: "PATH", Group: groupSecurity, Usage: "the certificates that vouch for those of clients: a file, or a directory of files, in PEM",
		at: func(c *Config) value { return text{&c.TLSCA} }},
	{Name: "admin-password", Value: "TEXT", Group: groupSecurity, Usage: "the password that admin has in a new store", secret: true,
		at: func(c *Config) value { return text{&c.Admin.Text} }},
	{Name: "admin-password-file", Value: "FILE", Group: groupSecurity, Usage: "the file it is in",
		at: func(c *Config) value { return text{&c.Admin.File} }},
	{Name: "ops-password", Value: "TEXT", Group: groupSecurity, Usage: "the password that ops has in a new store", secret: true,
		at: func(c *Config) value { return text{&c.Ops.Text} }},
	{Name: "ops-password-file", Value: "FILE", Group: groupSecurity, Usage: "the file it is in",
		at: func(c *Config) value { return text{&c.Ops.File} }},
	{Name: "allow-anonymous-stream-access", Group: groupSecurity, Usage: "let callers without credentials use streams that are open to all",
		at: func(c *Config) value { return yes{&c.Anonymous} }},

	{Name: "max-append-size", Value: "BYTES", Group: groupLimits, Usage: "how much one append may store",
		at: func(c *Config) value { return size{&c.MaxAppendSize, 1 << 10, cairn.MaxBatchSize} }},
	{Name: "max-append-event-size", Value: "BYTES", Group: groupLimits, Usage: "how much one event may be",
		at: func(c *Config) value { return size{&c.MaxAppendEventSize, 1 << 10, cairn.MaxEventSize} }},
	{Name: "max-message-size", Value: "BYTES", Group: groupLimits, Usage: "how much one message of a client may be",
		at: func(c *Config) value { return size{&c.MaxMessageSize, 64 << 10, 1 << 30} }},
	{Name: "max-connections", Value: "N", Group: groupLimits, Usage: "how many connections may be open",
		at: func(c *Config) value { return number{&c.MaxConnections, 1, 1 << 20} }},
	{Name: "max-streams", Value: "N", Group: groupLimits, Usage: "how many calls one connection may have open",
		at: func(c *Config) value { return number{&c.MaxStreams, 1, 1 << 20} }},
	{Name: "max-reads", Value: "N", Group: groupLimits, Usage: "how many calls of gRPC may read at the same time, followers among them",
		at: func(c *Config) value { return number{&c.MaxReads, 1, 1 << 24} }},
	{Name: "write-timeout", Value: "TIME", Group: groupLimits, Usage: "how long a write of a KurrentDB client may take",
		at: func(c *Config) value { return span{&c.WriteTimeout, time.Millisecond, hour} }},
	{Name: "handshake-timeout", Value: "TIME", Group: groupLimits, Usage: "how long a client may take to say what it speaks",
		at: func(c *Config) value { return span{&c.HandshakeTimeout, 100 * time.Millisecond, hour} }},
	{Name: "header-timeout", Value: "TIME", Group: groupLimits, Usage: "how long a client may take over the header of an HTTP request",
		at: func(c *Config) value { return span{&c.HeaderTimeout, 100 * time.Millisecond, hour} }},
	{Name: "idle-timeout", Value: "TIME", Group: groupLimits, Usage: "how long a connection may go without a request, unless it is gRPC's",
		at: func(c *Config) value { return span{&c.IdleTimeout, time.Second, 24 * hour} }},
	{Name: "shutdown-timeout", Value: "TIME", Group: groupLimits, Usage: "how long to wait for calls under way before they are cut off",
		at: func(c *Config) value { return span{&c.ShutdownTimeout, 0, hour} }},

	{Name: "log-level", Value: "LEVEL", Group: groupWatching, Usage: "what to log: debug, info, warn or error",
		at: func(c *Config) value { return choice{&c.LogLevel, []string{"debug", "info", "warn", "error"}} }},
	{Name: "log-format", Value: "FORMAT", Group: groupWatching, Usage: "how to log: text or json",
		at: func(c *Config) value { return choice{&c.LogFormat, []string{"text", "json"}} }},
	{Name: "otlp-endpoint", Value: "URL", Group: groupWatching, Usage: "where to send traces, such as http://localhost:4317",
		at: func(c *Config) value { return text{&c.OTLPEndpoint} }},
	{Name: "pprof", Value: "HOST:PORT", Group: groupWatching, Usage: "where to serve profiles, on a loopback address",
		at: func(c *Config) value { return address{to: &c.Pprof, optional: true} }},
	{Name: "ready-file", Value: "FILE", Group: groupWatching, Usage: "a file to write the address to once the server listens",
		at: func(c *Config) value { return text{&c.ReadyFile} }},
}

// Default is what holds if nothing is set.
func Default() Config {
	return Config{
		Store:              "cairn-data",
		Listen:             "127.0.0.1:2113",
		MaxAppendSize:      cairn.MaxBatchSize,
		MaxAppendEventSize: cairn.MaxEventSize,
		MaxMessageSize:     17 << 20,
		MaxConnections:     10_000,
		MaxStreams:         10_000,
		MaxReads:           50_000,
		CacheSize:          64 << 20,
		WriteTimeout:       2 * time.Second,
		HandshakeTimeout:   10 * time.Second,
		HeaderTimeout:      10 * time.Second,
		IdleTimeout:        5 * time.Minute,
		ShutdownTimeout:    10 * time.Second,
		LogLevel:           "info",
		LogFormat:          "text",
	}
}
