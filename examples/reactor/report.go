package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// A report says what a campaign has found.
type report struct {
	Seed   uint64
	Took   time.Duration
	Killed map[string]int // by role

	Written, Acks     int // events, and appends that were acknowledged
	Stated, Noted     int
	Shipped, Released int
	Again             int64
}

func (r *report) write(out io.Writer) {
	kills := 0
	for _, role := range slices.Sorted(maps.Keys(r.Killed)) {
		kills += r.Killed[role]
		fmt.Fprintf(out, "killed %-8s %6d\n", role, r.Killed[role])
	}
	fmt.Fprintf(out, `
seed                 %d
took                 %v
kills                %d
events               %d, in %d acknowledged appends, none missing
statement lines      %d, each once and in order
entries of billing   %d, each once and in order; at least %d messages came again
sagas                %d: %d shipped, %d compensated, each once
every byte of both stores verified
`, r.Seed, r.Took.Round(time.Millisecond), kills, r.Written, r.Acks, r.Stated, r.Noted, r.Again,
		r.Shipped+r.Released, r.Shipped, r.Released)
}
