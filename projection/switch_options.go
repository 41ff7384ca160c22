package projection

import (
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// SwitchOptions say how readers are switched to another build. The zero value is
// right for most.
type SwitchOptions struct {
	// Within is how long to try, because both builds move meanwhile. Zero means
	// 30 s; below zero means once.
	Within time.Duration

	// Grace is how long the builds before the new one are kept, to be switched
	// back to: then whoever runs the new one drops them. Zero means 1 h; below
	// zero they are kept until somebody drops them.
	Grace time.Duration

	// Key is the projection's Key, if it has one of its own and several lanes.
	// Without it a build of such a projection counts as being where its last lane
	// is, and may seem to be behind while little happens.
	Key func(*cairn.Recorded) string

	// Backwards switches to a build that is behind, too: readers go back in time.
	// It is for the day when the build that readers see is wrong and nobody has
	// kept the other one up to date.
	Backwards bool
}

const (
	defaultWithin = 30 * time.Second
	defaultGrace  = time.Hour
)

// given fills in the defaults.
func (o *SwitchOptions) given() SwitchOptions {
	var all SwitchOptions
	if o != nil {
		all = *o
	}
	if all.Within == 0 {
		all.Within = defaultWithin
	}
	if all.Grace == 0 {
		all.Grace = defaultGrace
	}
	return all
}

// nothing is the error of looking for a build that is not there.
func nothing(name string, format string, args ...any) error {
	return fmt.Errorf("projection %q: %s: %w", name, fmt.Sprintf(format, args...), ErrUnknown)
}
