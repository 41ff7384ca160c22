package vitals

import (
	"encoding/json"
	"math"
	"time"
)

// A Sample is how a server did up to a moment, since the sample before.
type Sample struct {
	At time.Time
	// Of are the values by figure; NaN where nothing is known: at the
	// beginning, where there are no metrics, and of the time that writes took
	// while there were none.
	Of [Figures]float64
}

// between is what has happened between two readings.
func between(before, after *reading) Sample {
	s := Sample{At: after.at, Of: after.totals}
	over := after.at.Sub(before.at).Seconds()
	for _, c := range sources {
		if c.rate {
			s.Of[c.figure] = rate(before.totals[c.figure], after.totals[c.figure], over)
		}
	}
	s.Of[Written] = rate(before.totals[Head], after.totals[Head], over)
	s.Of[Median], s.Of[Slowest] = math.NaN(), math.NaN()
	if d, ok := after.writes.since(before.writes); ok {
		s.Of[Median], s.Of[Slowest] = d.quantile(.5), d.quantile(.99)
	}
	return s
}

// rate is how many there were in a second. What is less than it was has begun
// anew, and how much it has grown nobody knows.
func rate(before, after, seconds float64) float64 {
	if !(after >= before) || !(seconds > 0) || math.IsInf(after, 0) {
		return math.NaN()
	}
	return (after - before) / seconds
}

// Known is a figure, and whether it is known.
func (s *Sample) Known(f Figure) (float64, bool) {
	v := s.Of[f]
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}

// Columns are samples as charts take them, oldest first: "at" are milliseconds
// since 1970, and each figure is a list of values by its name, with null for what
// is not known.
type Columns []Sample

// MarshalJSON implements [json.Marshaler].
func (c Columns) MarshalJSON() ([]byte, error) {
	all := make(map[string][]any, Figures+1)
	at := make([]any, len(c))
	for i := range c {
		at[i] = c[i].At.UnixMilli()
	}
	all["at"] = at
	for f := range Figures {
		column := make([]any, len(c))
		for i := range c {
			if v, ok := c[i].Known(f); ok {
				column[i] = rounded(v)
			}
		}
		all[f.String()] = column
	}
	return json.Marshal(all)
}

// rounded keeps four digits of a number that is not whole, as no chart shows more.
func rounded(v float64) float64 {
	if v == math.Trunc(v) || v == 0 {
		return v
	}
	unit := math.Pow(10, 4-math.Ceil(math.Log10(math.Abs(v))))
	if math.IsInf(unit, 0) || unit == 0 {
		return v
	}
	if r := math.Round(v*unit) / unit; !math.IsNaN(r) && !math.IsInf(r, 0) {
		return r
	}
	return v
}
