package access

import (
	"cmp"
	"log/slog"
	"runtime"
)

// DefaultIterations is how often a password is hashed if nothing else is said:
// a fifth of a second or so of one core.
const DefaultIterations = 600_000

// Options are the settings of a [Control]. The zero value is right for most.
type Options struct {
	// AllowAnonymousStreamAccess makes the role "$all" include callers who have
	// not said who they are.
	AllowAnonymousStreamAccess bool

	// Iterations is how often a new password is hashed, and the least that it
	// costs to verify one. Zero means [DefaultIterations]. Fewer are for tests,
	// and for stores whose passwords protect nothing.
	Iterations int

	// MaxHashing is how many passwords are hashed at a time. Zero means half
	// of the processors, and at least one.
	MaxHashing int

	// Logger is told what nobody is there to receive as an error. Nil is
	// silent.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	o.Iterations = min(cmp.Or(max(o.Iterations, 0), DefaultIterations), maxIterations)
	o.MaxHashing = cmp.Or(max(o.MaxHashing, 0), max(1, runtime.GOMAXPROCS(0)/2))
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
