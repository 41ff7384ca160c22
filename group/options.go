package group

import (
	"cmp"
	"log/slog"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
)

// A Store is what a group needs of a [cairn.Store].
type Store interface {
	cairn.Appender
	cairn.Committer
	cairn.StreamReader
	cairn.LogReader
	cairn.Inspector
}

// Options are the settings of a member. The zero value is right for most. The
// members of a group must agree in Query, System and Key.
type Options struct {
	// Query selects the events. Nil means all: [cairn.Query] with a Streams or
	// Categories filter shares a stream or a category.
	Query cairn.Query

	// System includes the events of the system, which are left out otherwise.
	// Those of groups always are.
	System bool

	// Key says which events must be kept in order. Nil means those of a stream.
	// It must depend on the event only, and must not panic.
	Key func(*cairn.Recorded) string

	// Start says where the group begins. It and Partitions are heeded by the
	// member that creates the group, and by nobody after that.
	Start Start

	// Partitions is into how many parts the keys are divided, and so how many
	// members can share the work. Zero means 64; at most 1,024.
	Partitions int

	// Workers is how many events to handle at the same time; for [Receive], how
	// many deliveries may be unsettled. Zero means 8.
	Workers int

	// Attempts is how often to try an event before it is parked. Zero means 5.
	Attempts int

	// Backoff is how long to wait after a failed attempt, counting from 1. Nil
	// means Jitter(100 ms, 30 s).
	Backoff func(attempt int) time.Duration

	// CheckpointEvery and CheckpointAfter say how often progress is written:
	// when so much time has passed, or so many events were settled. Both bound
	// what a crash repeats. Zero means 1 s and 4,096.
	CheckpointEvery time.Duration
	CheckpointAfter int

	// Window is how many unsettled events the member holds at most. When keys
	// that fail or are slow have filled it, it reads no further, which [Status]
	// shows. A partition that is taken over may exceed it. Zero means 16,384.
	Window int

	// PerKey is how many events of one key are kept in memory. Of further ones
	// only the position is, and they are read again. Zero means 64.
	PerKey int

	// Lease is how long a member may be silent before others take over its
	// partitions. Zero means 10 s.
	Lease time.Duration

	// Visibility is how long a [Delivery] may be unsettled before it counts as
	// a failed attempt. Zero means 30 s.
	Visibility time.Duration

	// About says what the group is to those who look at the system: whose it is,
	// and what comes of what it handles. It is noted when the group is created,
	// and again when a member says something else; the zero About says nothing.
	About component.About

	// Member is the beginning of the name that Status shows. Zero means
	// "member". What follows makes it unique.
	Member string

	// OnSettled, OnRetry and OnParked, if not nil, are told what became of an
	// event, by several goroutines at once, and must be quick. OnParked is told
	// of the event that failed and not of those that are parked behind it.
	OnSettled func(e *cairn.Recorded, attempt int)
	OnRetry   func(e *cairn.Recorded, attempt int, after time.Duration, err error)
	OnParked  func(e *cairn.Recorded, attempt int, err error)

	// Logger is told of partitions that come and go. Nil is silent.
	Logger *slog.Logger
}

const (
	maxPartitions = 1024
	maxName       = 256
)

func (o Options) withDefaults(name string) (Options, error) {
	o.Partitions = cmp.Or(o.Partitions, 64)
	o.Workers = cmp.Or(o.Workers, 8)
	o.Attempts = cmp.Or(o.Attempts, 5)
	o.CheckpointEvery = cmp.Or(o.CheckpointEvery, time.Second)
	o.CheckpointAfter = cmp.Or(o.CheckpointAfter, 4096)
	o.Window = cmp.Or(o.Window, 16_384)
	o.PerKey = cmp.Or(o.PerKey, 64)
	o.Lease = cmp.Or(o.Lease, 10*time.Second)
	o.Visibility = cmp.Or(o.Visibility, 30*time.Second)
	o.Member = cmp.Or(o.Member, "member")
	if o.Backoff == nil {
		o.Backoff = Jitter(100*time.Millisecond, 30*time.Second)
	}
	if o.Key == nil {
		o.Key = func(e *cairn.Recorded) string { return e.Stream }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, o.validate(name)
}

func (o *Options) validate(name string) error {
	if err := validateName(name); err != nil {
		return err
	}
	if o.Partitions < 0 || o.Partitions > maxPartitions {
		return &cairn.InvalidError{Field: "partitions", Problem: "must be between 1 and 1,024", Limit: maxPartitions}
	}
	numbers := []struct {
		field string
		n     int64
	}{
		{"workers", int64(o.Workers)}, {"attempts", int64(o.Attempts)}, {"window", int64(o.Window)}, {"per key", int64(o.PerKey)},
		{"checkpoint every", int64(o.CheckpointEvery)}, {"checkpoint after", int64(o.CheckpointAfter)},
		{"lease", int64(o.Lease)}, {"visibility", int64(o.Visibility)},
	}
	for _, f := range numbers {
		if f.n < 0 {
			return &cairn.InvalidError{Field: f.field, Problem: "must not be negative"}
		}
	}
	if err := o.About.Validate(); err != nil {
		return err
	}
	return o.Query.Validate()
}

func validateName(name string) error {
	switch {
	case name == "":
		return &cairn.InvalidError{Field: "group", Problem: "must not be empty"}
	case len(name) > maxName:
		return &cairn.InvalidError{Field: "group", Problem: "is longer than 256 bytes", Limit: maxName}
	}
	return cairn.ValidateStream("group", names(name).members())
}

// wants reports whether an event that the query selects is one for the group.
func (o *Options) wants(e *cairn.Recorded) bool {
	return !o.System || !strings.HasPrefix(e.Stream, prefix) && !strings.HasPrefix(e.Stream, cairn.MetadataStream(prefix))
}
