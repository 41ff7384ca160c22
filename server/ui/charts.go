package ui

import (
	"fmt"
	"math"

	"github.com/cairndb/cairn/server/ui/internal/vitals"
)

// A plot shows figures over the last minutes, each as a line.
type plot struct {
	Name  string // of the element
	Title string
	Unit  string // how values are written: "rate", "bytes", "bytes/s", "seconds", "cores" or "count"
	Lines []curve
}

// A curve is a figure in a plot.
type curve struct {
	Figure            vitals.Figure
	Label             string
	Unit              string
	Now               string
	Low, Middle, High string // over the last minutes
}

// plots are what is charted, most wanted first. All but the first line of the first
// want the metrics of the server.
var plots = []plot{
	{"events", "Events", "rate", []curve{{Figure: vitals.Written, Label: "written"}, {Figure: vitals.Read, Label: "read"}}},
	{"bytes", "Bytes", "bytes/s", []curve{{Figure: vitals.WrittenBytes, Label: "written"}, {Figure: vitals.ReadBytes, Label: "read"}}},
	{"took", "Time of a write", "seconds", []curve{{Figure: vitals.Slowest, Label: "99 of 100"}, {Figure: vitals.Median, Label: "half"}}},
	{"writes", "Writes", "rate", []curve{{Figure: vitals.Writes, Label: "asked for"}, {Figure: vitals.Syncs, Label: "synced together"}}},
	{"connections", "Connections", "count", []curve{{Figure: vitals.Connections, Label: "open"}, {Figure: vitals.Followers, Label: "followers"}}},
	{"calls", "Calls under way", "count", []curve{{Figure: vitals.Calls, Label: "followers too"}}},
	{"cpu", "Processor", "cores", []curve{{Figure: vitals.CPU, Label: "of one core"}}},
	{"memory", "Memory", "bytes", []curve{{Figure: vitals.Memory, Label: "of the process"}}},
}

// charts are those that there can be, with what is known by now.
func (u *ui) charts(samples []vitals.Sample) []plot {
	if u.o.Gatherer == nil {
		first := plots[0]
		return []plot{filled(first, first.Lines[:1], samples)}
	}
	all := make([]plot, len(plots))
	for i, c := range plots {
		all[i] = filled(c, c.Lines, samples)
	}
	return all
}

// filled is a plot with some lines, and what they say.
func filled(p plot, lines []curve, samples []vitals.Sample) plot {
	p.Lines = make([]curve, len(lines))
	for i, l := range lines {
		l.Unit = p.Unit
		l.fill(samples)
		p.Lines[i] = l
	}
	return p
}

// fill says what a figure was over the samples.
func (l *curve) fill(samples []vitals.Sample) {
	now, low, high, sum, n := math.NaN(), math.NaN(), math.NaN(), 0.0, 0.0
	for i := range samples {
		v, ok := samples[i].Known(l.Figure)
		if now = math.NaN(); !ok {
			continue
		}
		if n == 0 {
			low, high = v, v
		}
		now, low, high, sum, n = v, min(low, v), max(high, v), sum+v, n+1
	}
	l.Now, l.Low, l.Middle, l.High = amount(l.Unit, now), amount(l.Unit, low), amount(l.Unit, sum/n), amount(l.Unit, high)
}

// amount writes a value with its unit; charts.js writes the later ones alike.
func amount(unit string, v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	switch unit {
	case "rate":
		return few(v) + "/s"
	case "bytes":
		return byteSize(int64(v))
	case "bytes/s":
		return byteSize(int64(v)) + "/s"
	case "seconds":
		return short(v)
	case "cores":
		return few(v*100) + " %"
	}
	return few(v)
}

// few writes a number with one digit behind the point if it is small, else none.
func few(v float64) string {
	if v < 10 && math.Round(v*10) != math.Round(v)*10 {
		return fmt.Sprintf("%.1f", v)
	}
	return grouped(fmt.Sprintf("%.0f", v))
}

// short writes seconds with two or three digits.
func short(v float64) string {
	switch {
	case v < .001:
		return fmt.Sprintf("%.0f µs", v*1e6)
	case v < .01:
		return fmt.Sprintf("%.1f ms", v*1e3)
	case v < 1:
		return fmt.Sprintf("%.0f ms", v*1e3)
	}
	return fmt.Sprintf("%.1f s", v)
}
