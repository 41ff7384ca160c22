package timer

import "time"

// A Clock tells a runner the time. Its methods are called concurrently.
type Clock interface {
	// Now is the time. It may jump, in either direction.
	Now() time.Time

	// Until returns a channel that receives when Now has reached t, or earlier.
	Until(t time.Time) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                     { return time.Now() }
func (systemClock) Until(t time.Time) <-chan time.Time { return time.After(time.Until(t)) }

// glance is how long a runner waits at most before it looks at the clock again,
// so that it notices when the clock was set.
const glance = time.Second
