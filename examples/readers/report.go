package main

import (
	"fmt"
	"io"
	"time"
)

// A countReport says what the first campaign has found.
type countReport struct {
	Seed             uint64
	Target           string
	Took             time.Duration
	Events           int
	Kills, Stops     int
	Applied, Refused int    // transactions, as far as those who were killed could say
	Taken            uint64 // times that a lane was taken or let go
}

func (r *countReport) write(out io.Writer) {
	fmt.Fprintf(out, `
target               %s
seed                 %d
took                 %v
disturbances         %d: %d killed, %d stopped
lanes changed hands  %d times
transactions         %d that counted, %d that came too late and were refused, at least
events               %d, each counted once; the audit is content
`, r.Target, r.Seed, r.Took.Round(time.Millisecond), r.Kills+r.Stops, r.Kills, r.Stops, r.Taken, r.Applied, r.Refused, r.Events)
}
