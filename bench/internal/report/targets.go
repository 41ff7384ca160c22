package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cairndb/cairn/bench/internal/workload"
)

// A target is a bar that Cairn is held to.
type target struct {
	work    string
	least   float64 // or most
	most    bool
	write   func(float64) string
	measure func(*run) (float64, bool)
}

// targets is the list, in the order of its table.
func targets() []target {
	return append(slices.Concat(projectTargets(), reactTargets(), wireTargets()), []target{
		faster("append-256", "JetStream, sync always", "jetstream-always", 60),
		faster("append-256", "PostgreSQL", "postgres", 40),
		faster("append-256", "SQLite, grouped", "sqlite", 8),
		faster("append-256", "Pebble, sync", "pebble", 2),
		faster("append-64", "JetStream, sync always", "jetstream-always", 35),
		faster("append-64", "PostgreSQL", "postgres", 25),
		faster("append-64", "SQLite, grouped", "sqlite", 6.5),
		faster("append-64", "Pebble, sync", "pebble", 2),
		faster("append-64", "the raw limit", "raw", 0.6),
		faster("append-256", "the raw limit", "raw", 0.6),
		faster("append-1024", "the raw limit", "raw", 0.6),
		{"append, 1 writer, p50 against a raw write and fdatasync", 1.15, true, times, func(r *run) (float64, bool) {
			return r.ratio("append-1", subject, "append-1", "raw", workload.P50)
		}},
		{"CPU of an append, 256 writers, index included", 5, true, microseconds, metric("append-256", workload.CPU)},
		{"bytes written for each byte of a frame, 256 writers", 1.25, true, times, metric("append-256", workload.WrittenPerLog)},
		faster("batch-16x100", "Pebble, sync", "pebble", 1.5),
		faster("batch-16x100", "PostgreSQL", "postgres", 7),
		faster(readAll, "Pebble", "pebble", 5),
		faster(readAll, "SQLite", "sqlite", 12),
		faster(readStreams, "bbolt", "bbolt", 1.3),
		faster(readStreams, "SQLite", "sqlite", 5),
		{"filtered read of 1,000 in 10 million, against reading everything", 500, false, times, filteredShare},
		{"follower's p50 above the append's own", 50, true, microseconds, metric(follow, workload.Behind)},
		{"10 million streams: resident after load", 512 << 20, true, mebibytes, metric(scaled(workload.ScaleLoad), workload.RSS)},
		{"10 million streams: resident after reopening", 512 << 20, true, mebibytes, metric(scaled(workload.ScaleReopen), workload.RSS)},
		{"10 million events: ready after a clean stop", 1, true, milliseconds, metric(scaled(workload.ScaleReopen), workload.ReadySeconds)},
		{"10 million events: ready after kill -9", 1, true, milliseconds, metric(scaled(workload.ScaleKilled), workload.ReadySeconds)},
		{"ready after kill -9, 10 million events against 1 million", 1.5, true, times, growth},
		{"bytes on disk for each byte of payload, index included", 1.35, true, times, diskShare},
	}...)
}

func scaled(step string) string { return workload.ScalePrefix + "10000000" + step }

func microseconds(v float64) string { return number(v) + " us" }

// faster is the target of doing so many times the events of a peer.
func faster(name, title, peer string, least float64) target {
	return target{work: what(name) + ", against " + title, least: least, write: times, measure: func(r *run) (float64, bool) {
		return r.ratio(name, subject, name, peer, workload.EventsPerSecond)
	}}
}

func what(name string) string {
	switch {
	case strings.HasPrefix(name, "append-"), strings.HasPrefix(name, "batch-"):
		return "append, " + writers(name)
	case name == readStreams:
		return "streams of 100 in random order"
	}
	return "read everything"
}

func metric(name, metric string) func(*run) (float64, bool) {
	return func(r *run) (float64, bool) { return r.Median(name, subject, metric) }
}

func filteredShare(r *run) (float64, bool) {
	if matches, _ := r.Median(filtered, subject, workload.Matches); matches < 1000 {
		return 0, false // too small a store to say
	}
	return r.ratio(readAll, subject, filtered, subject, workload.Seconds)
}

func growth(r *run) (float64, bool) {
	small := workload.ScalePrefix + "1000000" + workload.ScaleKilled
	return r.ratio(scaled(workload.ScaleKilled), subject, small, subject, workload.ReadySeconds)
}

// diskShare is taken from the largest store there is, where what is prepared
// ahead weighs least.
func diskShare(r *run) (float64, bool) {
	if r.reacted() || r.projected() {
		return 0, false // a small store, and not what the run is about
	}
	for _, name := range []string{scaled(workload.ScaleLoad), workload.Load} {
		if v, ok := r.Median(name, subject, workload.DiskPerEvent); ok {
			return v / workload.PayloadSize, true
		}
	}
	return 0, false
}

// writeTargets writes those that were measured; the last run that did counts.
func writeTargets(w io.Writer, runs []*workload.Results) {
	t := &table{head: []string{"Cairn", "target", "measured", "met"}}
	for _, target := range targets() {
		for i := len(runs) - 1; i >= 0; i-- {
			if v, ok := target.measure(&run{Results: runs[i]}); ok {
				t.row(target.work, target.bar(), target.write(v), target.verdict(v))
				break
			}
		}
	}
	if len(t.rows) > 0 {
		fmt.Fprint(w, "## Targets\n\n")
	}
	t.write(w)
}

func (t target) bar() string {
	if t.most {
		return "at most " + t.write(t.least)
	}
	return "at least " + t.write(t.least)
}

func (t target) verdict(v float64) string {
	if v >= t.least != t.most || v == t.least {
		return "yes"
	}
	return "**no**"
}
