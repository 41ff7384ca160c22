package ui

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cairndb/cairn/server/ui/internal/vitals"
)

// A trouble is something that is not well, and where to look.
type trouble struct {
	Health string // "bad" or "warn"
	What   string
	Why    string
	Path   string // of the page that says more; empty if none does
}

// troubles are what is not well of what the overview shows, the worst first.
func (v *overview) troubles(samples []vitals.Sample, logged int) (all []trouble) {
	all = diskTroubles(v.Storage, samples)
	if n := failures(samples); n >= .5 {
		all = append(all, trouble{"bad", "The store fails", fmt.Sprintf("%s in the last quarter of an hour", several(n, "failure")), pagePath("/operations/logs")})
	}
	if logged > 0 {
		all = append(all, trouble{"bad", "The log of the server", fmt.Sprintf("%s in the last quarter of an hour", several(float64(logged), "error")), pagePath("/operations/logs")})
	}
	for i := range v.Groups {
		if g := &v.Groups[i]; g.inNeed() {
			all = append(all, trouble{g.Health, "Group " + g.Name, g.why(), pagePath("/groups", g.Name)})
		}
	}
	for i := range v.Projections {
		if p := &v.Projections[i]; p.Health != "good" {
			all = append(all, trouble{p.Health, "Projection " + p.Projection, p.Says, pagePath("/projections", p.Projection)})
		}
	}
	for i := range v.Sagas {
		if s := &v.Sagas[i]; s.Health == "bad" && lineOfGroup(s.Name, s.GroupStatus).Health != "bad" { // else its group says so
			all = append(all, trouble{s.Health, "Saga " + s.Name, "one of its oldest instances: " + s.Says, pagePath("/sagas", s.Name)})
		}
	}
	for i := range v.Timers {
		if t := &v.Timers[i]; t.Health == "bad" {
			all = append(all, trouble{t.Health, "Timers " + string(t.Category), t.Says, timersPath(t.Category)})
		}
	}
	slices.SortStableFunc(all, func(a, b trouble) int { return rank(a.Health) - rank(b.Health) })
	return all
}

// inNeed reports whether somebody should look at the group. One that nobody runs
// and that has nothing to do may rest.
func (g *groupLine) inNeed() bool {
	return g.Health == "bad" || g.Health == "warn" && g.Lag > 0
}

// why says what is wrong with a group.
func (g *groupLine) why() string {
	switch {
	case g.ParkedKeys > 0:
		return several(float64(g.ParkedKeys), "key") + " parked"
	case len(g.Members) == 0:
		return "nobody runs it, and events wait"
	}
	return "behind by " + took(g.Behind(time.Now()))
}

const (
	// scarce is how many bytes of a disk are so few that it is about to be full.
	scarce = 1 << 30
	// soon is within what time a disk should not be full, and steadily how long
	// writing must have been measured to say so.
	soon, steadily = 24 * time.Hour, 5 * time.Minute
)

// diskTroubles says that a disk is full, or when it will be.
func diskTroubles(s *Storage, samples []vitals.Sample) []trouble {
	if s == nil || s.FreeBytes < 0 {
		return nil
	}
	if s.FreeBytes < scarce {
		return []trouble{{"bad", "The disk", byteSize(s.FreeBytes) + " are free", ""}}
	}
	if left := lasts(s.FreeBytes, samples); left < soon {
		return []trouble{{"warn", "The disk", "full in " + took(left) + ", if as much is written as in the last minutes", ""}}
	}
	return nil
}

// lasts is how long so many bytes last at the rate of the samples; very long if they
// tell too little.
func lasts(free int64, samples []vitals.Sample) time.Duration {
	const long = math.MaxInt64
	if len(samples) == 0 || samples[len(samples)-1].At.Sub(samples[0].At) < steadily {
		return long
	}
	written := total(samples, vitals.WrittenBytes)
	seconds := samples[len(samples)-1].At.Sub(samples[0].At).Seconds()
	if left := float64(free) / written * seconds; left < (1000 * time.Hour).Seconds() {
		return time.Duration(left * float64(time.Second))
	}
	return long
}

// failures is how many errors there were that want an operator.
func failures(samples []vitals.Sample) float64 { return total(samples, vitals.Errors) }

// total is how much there was of a rate over the samples.
func total(samples []vitals.Sample, f vitals.Figure) (sum float64) {
	for i := 1; i < len(samples); i++ {
		if perSecond, ok := samples[i].Known(f); ok {
			sum += perSecond * samples[i].At.Sub(samples[i-1].At).Seconds()
		}
	}
	return sum
}

// several counts something in words.
func several(n float64, what string) string {
	if math.Round(n) == 1 {
		return "1 " + what
	}
	return grouped(fmt.Sprintf("%.0f", n)) + " " + what + "s"
}
