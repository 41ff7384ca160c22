package timer

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/cairndb/cairn"
)

// A Store is what timers need of a [cairn.Store].
type Store interface {
	cairn.Appender
	cairn.Committer
	cairn.StreamReader
	cairn.LogReader
	cairn.Inspector
}

// Options are the settings of a runner. The zero value is right for most.
type Options struct {
	// Category says whose timers to fire. Zero means those of category "timer",
	// which is that of [Set].
	Category Category

	// Clock tells the time. Nil means that of the system.
	Clock Clock

	// Horizon is how far ahead of their time timers are taken into memory. Zero
	// means 10 minutes.
	Horizon time.Duration

	// Window is how many timers are held in memory at most; while more are looked
	// for, up to twice as many again for a moment. Zero means 262,144; it is at
	// least 16.
	Window int

	// Batch is how many timers are fired with one commit at most. Zero means 512.
	Batch int

	// Readers is how many timers are looked up at the same time. Zero means 16.
	Readers int

	// CheckpointEvery is how often progress is written at most. It bounds what a
	// restart looks at again, and nothing else. Zero means 1 s.
	CheckpointEvery time.Duration

	// OnFired is told of each timer that was fired and how long after it was due;
	// of one that was due before it was set, that is since it was due. OnLost is
	// told of each that somebody else has fired, cancelled or set anew at the same
	// moment, and OnFailed of each that the store has refused to fire. They may
	// be nil, are called by one goroutine, and must be quick.
	OnFired  func(key string, late time.Duration)
	OnLost   func(key string)
	OnFailed func(key string, err error)

	// Logger is told of timers that failed. Nil is silent.
	Logger *slog.Logger
}

const minWindow = 16

func (o Options) withDefaults() (Options, error) {
	o.Horizon = cmp.Or(o.Horizon, 10*time.Minute)
	o.Window = cmp.Or(o.Window, 1<<18)
	o.Batch = cmp.Or(o.Batch, 512)
	o.Readers = cmp.Or(o.Readers, 16)
	o.CheckpointEvery = cmp.Or(o.CheckpointEvery, time.Second)
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	for field, n := range map[string]int64{"horizon": int64(o.Horizon), "window": int64(o.Window), "batch": int64(o.Batch),
		"readers": int64(o.Readers), "checkpoint every": int64(o.CheckpointEvery)} {
		if n < 0 {
			return o, &cairn.InvalidError{Field: field, Problem: "must not be negative"}
		}
	}
	o.Window = max(o.Window, minWindow)
	return o, o.Category.validate()
}
