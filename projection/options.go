package projection

import (
	"cmp"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/cairndb/cairn"
)

// Options are the settings of a runner. The zero value is right for most. The
// functions are told what happens: by the goroutines of several lanes at once, so
// that they must be quick and may be called concurrently. All may be nil.
type Options struct {
	// MaxBatch is how many events a transaction applies at most. Zero means
	// 4,096; at most 65,536. How many it is depends on what waits, and on how
	// long they take: transactions are kept to about a quarter of a second.
	MaxBatch int

	// MaxBytes is how many bytes of events a lane holds in memory at most, and so
	// a transaction, but for a single event that is larger. Zero means 16 MiB.
	// When a lane is full the log is read no further, also for the others.
	MaxBytes int64

	// Lease is how long an event must have waited, while the lane's checkpoint
	// did not move, until a runner that stands by takes the lane. Zero means 10 s.
	// It must be longer than a handler needs for an event.
	Lease time.Duration

	// Attempts is how often an event that fails is tried, on its own, before the
	// projection's Failures decide. Zero means 5. The other events of its lane
	// wait for that.
	Attempts int

	// Backoff is how long to wait after a failed attempt, counting from 1. Nil
	// means a random time, up to 100 ms first, then twice as much each time, up
	// to 5 s.
	Backoff func(attempt int) time.Duration

	// Report is how often the status is reported to the store, if the log is one
	// that can be written to and something has changed. Zero means 2 s; less
	// than zero is never. Requests made with [Ask] are looked for as often.
	Report time.Duration

	// IgnorePosted leaves alone what is asked for through the log, with [Post]:
	// by the web UI of a server, say. Otherwise it is done, if the status is
	// reported.
	IgnorePosted bool

	// Owner is the beginning of the name under which the runner owns its lanes.
	// Zero means the machine's name. What follows makes it unique.
	Owner string

	// Logger is told of lanes that come and go, of failures, and of a database
	// that is down. Nil is silent.
	Logger *slog.Logger

	// OnApplied is told of each transaction: the last position, how many events
	// were applied, and how long it took.
	OnApplied func(at cairn.Position, events int, took time.Duration)
	// OnRetry is told of a failed attempt, and when there will be another one.
	OnRetry func(e *cairn.Recorded, attempt int, after time.Duration, err error)
	// OnParked is told of an event that failed and is parked, and not of those
	// that are parked behind it.
	OnParked func(e *cairn.Recorded, key string, attempts int, err error)
	// OnSkipped is told of an event that failed and is left out.
	OnSkipped func(e *cairn.Recorded, attempts int, err error)
	// OnStopped is told of the failure that ends the runner.
	OnStopped func(err *FailureError)
	// OnDown is told each time that the database did not answer, and OnUp when it
	// does again, after how long.
	OnDown func(err error, after time.Duration)
	OnUp   func(down time.Duration)
}

const (
	maxBatch    = 1 << 16
	maxAttempts = 1000
)

func (o *Options) given() Options {
	var all Options
	if o != nil {
		all = *o
	}
	all.MaxBatch = cmp.Or(all.MaxBatch, 4096)
	all.MaxBytes = cmp.Or(all.MaxBytes, 16<<20)
	all.Lease = cmp.Or(all.Lease, 10*time.Second)
	all.Attempts = cmp.Or(all.Attempts, 5)
	all.Report = cmp.Or(all.Report, 2*time.Second)
	if all.Backoff == nil {
		all.Backoff = func(attempt int) time.Duration { return backoff(attempt, 100*time.Millisecond, 5*time.Second) }
	}
	if all.Logger == nil {
		all.Logger = slog.New(slog.DiscardHandler)
	}
	if all.Owner == "" {
		all.Owner, _ = os.Hostname()
	}
	all.Owner = shorten(all.Owner, 100) + "-" + strconv.FormatUint(rand.Uint64(), 36)
	return all
}

func (o *Options) check() error {
	numbers := []struct {
		field   string
		n, most int64
	}{
		{"max batch", int64(o.MaxBatch), maxBatch}, {"max bytes", o.MaxBytes, 1 << 40}, {"attempts", int64(o.Attempts), maxAttempts},
		{"lease", int64(o.Lease), int64(24 * time.Hour)},
	}
	for _, f := range numbers {
		if f.n < 0 || f.n > f.most {
			return &cairn.InvalidError{Field: f.field, Problem: "must be between 1 and " + strconv.FormatInt(f.most, 10), Limit: f.most}
		}
	}
	return nil
}

// backoff is a random time up to a limit that doubles with each attempt. It spreads
// out those who failed together.
func backoff(attempt int, first, most time.Duration) time.Duration {
	limit := first
	for i := 1; i < attempt && limit < most; i++ {
		limit *= 2
	}
	return time.Duration(rand.Int64N(int64(max(1, min(limit, most))))) + 1
}

// shorten cuts a text to so many bytes, and leaves whole characters.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && s[most]&0xc0 == 0x80 {
		most--
	}
	return s[:most]
}
