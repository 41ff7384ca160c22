package persistent

import (
	"math"
	"slices"
	"time"
)

// A rate counts events.
type rate struct {
	began    time.Time
	total    int64
	measured int64 // total when somebody looked last
}

// Measured is what a rate has counted.
type Measured struct {
	PerSecond int   // on average, rounded up
	Total     int64 // events settled or given back
	SinceLast int64 // of these, since somebody looked
}

// look is what was counted, and begins to count anew what is new.
func (r *rate) look(now time.Time) Measured {
	m := Measured{Total: r.total, SinceLast: r.total - r.measured}
	if passed := now.Sub(r.began).Seconds(); passed > 0 {
		m.PerSecond = int(min(math.Ceil(float64(r.total)/max(passed, 1)), math.MaxInt32))
	}
	r.measured = r.total
	return m
}

// latencies are the last times from delivery to answer.
type latencies struct {
	all  []time.Duration
	next int
}

const mostLatencies = 1000

func (l *latencies) add(d time.Duration) {
	if len(l.all) < mostLatencies {
		l.all = append(l.all, d)
		return
	}
	l.all[l.next] = d
	l.next = (l.next + 1) % mostLatencies
}

// A Measurement is one figure about the times that a consumer takes, in
// milliseconds, rounded up.
type Measurement struct {
	Key   string
	Value int64
}

// figures are the names of what is measured, and which part of the times is at
// most as long.
var figures = []struct {
	name string
	part float64
}{
	{"Median", 0.5}, {"Fastest", 0},
	{"Quintile 1", 0.2}, {"Quintile 2", 0.4}, {"Quintile 3", 0.6}, {"Quintile 4", 0.8}, {"Quintile 5", 1},
	{"90%", 0.9}, {"95%", 0.95}, {"99%", 0.99}, {"99.5%", 0.995}, {"99.9%", 0.999}, {"Highest", 1},
}

// measurements are the figures; none before the first time.
func (l *latencies) measurements() []Measurement {
	if l == nil || len(l.all) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(l.all))
	var sum time.Duration
	for _, d := range sorted {
		sum += d
	}
	all := []Measurement{{"Mean", inMilliseconds(sum / time.Duration(len(sorted)))}}
	for _, f := range figures {
		i := max(int(math.Ceil(f.part*float64(len(sorted))))-1, 0)
		all = append(all, Measurement{f.name, inMilliseconds(sorted[i])})
	}
	return all
}

func inMilliseconds(d time.Duration) int64 {
	return max(int64((d+time.Millisecond-1)/time.Millisecond), 1)
}
