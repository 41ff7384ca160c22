package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// A deployReport says what the second campaign has found.
type deployReport struct {
	Seed         uint64
	Target       string
	Took         time.Duration
	Events, Keys int
	Kills        int
	Begun        time.Time // the build of version 2

	First, Build, Scratch float64       // events/s
	Level                 time.Duration // from when it was level until the switch
	Turns                 []turn
	Written               int
	Writing               float64 // a second
	Reading               reading
	Audited               uint64
	Sum                   uint64
	Wrong                 []string

	reads []aRead
}

// A turn is one in which readers were shown another version.
type turn struct {
	To           string
	Begun, Ended time.Time
}

// aRead is one read, from when it was due.
type aRead struct {
	due  time.Time
	took time.Duration
}

func loadReads(dir string) (all []aRead, err error) {
	file, err := os.Open(readsPath(dir))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var due, took int64
		if _, err := fmt.Sscan(lines.Text(), &due, &took); err != nil {
			return nil, err
		}
		all = append(all, aRead{time.Unix(0, due), time.Duration(took)})
	}
	return all, lines.Err()
}

// around is the longest read that was under way within a second of a turn.
func (r *deployReport) around(t *turn) (longest time.Duration) {
	for _, one := range r.reads {
		if one.due.Before(t.Ended.Add(time.Second)) && one.due.Add(one.took).After(t.Begun.Add(-time.Second)) {
			longest = max(longest, one.took)
		}
	}
	return longest
}

// share is the read that so many of a thousand were not longer than.
func (r *deployReport) share(thousandth int) time.Duration {
	if len(r.reads) == 0 {
		return 0
	}
	took := make([]time.Duration, len(r.reads))
	for i := range r.reads {
		took[i] = r.reads[i].took
	}
	slices.Sort(took)
	return took[(len(took)-1)*thousandth/1000]
}

func (r *deployReport) write(out io.Writer) {
	fmt.Fprintf(out, `
target               %s
seed                 %d
took                 %v
events               %d for %d rows, and %d more that were written meanwhile, %.0f/s
version 1            built at %.0f events/s
version 2            built at %.0f events/s, killed %d times; switched %v after it was level
from scratch         built at %.0f events/s, with nobody about
`, r.Target, r.Seed, r.Took.Round(time.Millisecond), r.Events, r.Keys, r.Written, r.Writing, r.First, r.Build, r.Kills,
		r.Level.Round(time.Millisecond), r.Scratch)
	for i := range r.Turns {
		t := &r.Turns[i]
		fmt.Fprintf(out, "to %-17s in %v; the longest read around it took %v\n", t.To, t.Ended.Sub(t.Begun).Round(10*time.Microsecond), r.around(t).Round(10*time.Microsecond))
	}
	fmt.Fprintf(out, `reads                %d: %d failed, %d went back in time
                     half took %v, 99%% %v, the longest %v
rows                 checksum %016x; wrong: %d; %d events audited
`, r.Reading.Reads, r.Reading.Errors, r.Reading.Back, r.share(500), r.share(990).Round(10*time.Microsecond), r.share(1000).Round(10*time.Microsecond),
		r.Sum, len(r.Wrong), r.Audited)
}

// judge says which promises were broken.
func (r *deployReport) judge(c *deployConfig) (err error) {
	broken := func(format string, args ...any) { err = errors.Join(err, fmt.Errorf(format, args...)) }
	if r.Reading.Errors > 0 {
		broken("%d reads failed: %s", r.Reading.Errors, r.Reading.Error)
	}
	if r.Reading.Back > 0 {
		broken("%d reads went back in time: %s", r.Reading.Back, r.Reading.Backward)
	}
	for _, wrong := range r.Wrong {
		broken("%s", wrong)
	}
	for i := range r.Turns {
		t := &r.Turns[i]
		if pause := r.around(t); pause > c.Pause {
			broken("a read around the switch to %s took %v, and may take %v", t.To, pause, c.Pause)
		}
		if took := t.Ended.Sub(t.Begun); t.To == "version 1" && took > c.Back {
			broken("going back took %v, and may take %v", took, c.Back)
		}
	}
	if len(r.Turns) != 3 || r.Kills != c.Kills || r.Reading.Reads == 0 {
		broken("there were %d switches, %d kills and %d reads", len(r.Turns), r.Kills, r.Reading.Reads)
	}
	return err
}
