package cli

import (
	"context"
	"os"
	"runtime/debug"
)

// gcPercent is how much garbage, in percent of what is alive, a server lets pile
// up before it collects. Little of what a server keeps is on Go's heap (the log is
// mapped, the index has its own memory), so with Go's default of 100 it would
// collect many times a second, for a third of the processor time of a read.
const gcPercent = 400

// collecting sets how often garbage is collected, unless the operator has. Go
// collects sooner as the memory nears GOMEMLIMIT.
func (s *serving) collecting(context.Context) error {
	if _, ok := os.LookupEnv("GOGC"); !ok {
		before := debug.SetGCPercent(gcPercent)
		s.later(func(context.Context) error {
			debug.SetGCPercent(before)
			return nil
		})
	}
	return nil
}
