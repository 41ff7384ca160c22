package ui

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options are the settings of the handler. Zero values mean the defaults; what
// is not given is not shown.
type Options struct {
	// Version is that of the program.
	Version string

	// Storage says what the store's engine keeps where. It is called for pages,
	// so it should take milliseconds.
	Storage func(context.Context) (Storage, error)

	// Verify reads everything in the store, beside those who use it, and says
	// what is wrong with it. It tells progress now and then how many of how many
	// bytes it has read. The error says why not all was read. One runs at a time;
	// [Handler.Close] ends ctx and waits for it.
	Verify func(ctx context.Context, progress func(done, total int64)) (Verification, error)

	// Gatherer has the metrics of the server.
	Gatherer prometheus.Gatherer

	// Logs are the latest lines of the server's log.
	Logs *Logs

	// Settings are what the server was started with, as an administrator may
	// see it: without secrets. Passwords in URLs are left out by the page.
	Settings []Setting

	// Done ends all followers when it is closed: a server closes it when it
	// shuts down. Nil never does.
	Done <-chan struct{}

	// SessionTime is how long somebody stays logged in without doing anything.
	// The default is 12 hours.
	SessionTime time.Duration

	// MaxSessions is how many are logged in at the same time; whoever was away
	// longest makes room. The default is 10,000.
	MaxSessions int

	// MaxFollowers is how many pages may follow at the same time. The default
	// is 500.
	MaxFollowers int

	// Heartbeat is how long nothing is sent to a follower before a sign of life
	// is. The default is 15 seconds.
	Heartbeat time.Duration

	// Logger is told of errors that the page keeps to itself. Nil is silent.
	Logger *slog.Logger
}

// Storage is what an engine keeps.
type Storage struct {
	Events     uint64
	Streams    uint64
	Segments   int
	LogBytes   int64 // of the events and their framing
	DiskBytes  int64 // of the log's files, with what is prepared ahead
	IndexBytes int64
	FreeBytes  int64 // of the file system; below zero is unknown
	Categories []Count
	Types      []Count
}

// A Count says how many events have a name.
type Count struct {
	Name   string
	Events uint64
}

// A Verification is what was found by reading all of a store.
type Verification struct {
	Segments     int
	Bytes        int64 // of the log
	Events       uint64
	Streams      uint64
	IndexEntries uint64 // that were compared with the log

	// Problems is everything that is wrong. A [*cairn.CorruptError] says where.
	Problems []error
}

// A Setting is one of a server's, and where it was set.
type Setting struct {
	Name   string
	Value  string // as it may be shown; empty if it has none
	Origin string // where it was set; "default" if nowhere
	Group  string // of those that are listed together, one after the other
	Usage  string // what it is for
}

func (o Options) withDefaults() Options {
	o.SessionTime = cmp.Or(o.SessionTime, 12*time.Hour)
	o.MaxSessions = cmp.Or(o.MaxSessions, 10_000)
	o.MaxFollowers = cmp.Or(o.MaxFollowers, 500)
	o.Heartbeat = cmp.Or(o.Heartbeat, 15*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
