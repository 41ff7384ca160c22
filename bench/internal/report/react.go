package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// reacted reports whether the run is one of groups, relays and timers.
func (r *run) reacted() bool { return strings.HasPrefix(r.Command, "go run . react") }

func writeReact(w io.Writer, r *run) {
	for _, name := range r.workloads("group-") {
		writeGroups(w, r, name)
	}
	writePoison(w, r)
	writeRelays(w, r)
	writeTimers(w, r)
}

func writeGroups(w io.Writer, r *run, name string) {
	members, work, _ := strings.Cut(strings.TrimPrefix(name, "group-"), "-")
	if work != "" {
		work = ", a handler that takes " + work + " of processor time"
	}
	fmt.Fprintf(w, "### A group of %s members over %s keys%s: events a second\n\n", members, thousands(int64(r.Settings.Keys)), work)
	fmt.Fprint(w, "Medians; in brackets, how many times as many Cairn does embedded.\n\n")
	r.perSystem(w, []string{"events a second", "lowest – highest", "CPU us an event", "of that the server"}, []string{name},
		func(s system.Spec) []string {
			return []string{
				r.compared(name, s.Name, workload.EventsPerSecond), r.spread(name, s.Name, workload.EventsPerSecond),
				r.median(name, s.Name, workload.CPU), r.median(name, s.Name, workload.ServerCPU),
			}
		})
}

func writePoison(w io.Writer, r *run) {
	name := workload.Poison{}.Name()
	if len(r.workloads(name)) == 0 {
		return
	}
	fmt.Fprint(w, "### A poisoned key: microseconds from when an event was due to be appended until it is settled, the other keys\n\n")
	t := &table{head: []string{"", "p50", "p99", "p99, lowest – highest"}}
	t.row("without", r.median(name, subject, workload.P50Alone), r.median(name, subject, workload.P99Alone), r.spread(name, subject, workload.P99Alone))
	t.row("with", r.median(name, subject, workload.P50), r.median(name, subject, workload.P99), r.spread(name, subject, workload.P99))
	t.write(w)
}

func writeRelays(w io.Writer, r *run) {
	t := &table{head: []string{"broker", "relay", "lowest – highest", "the broker's own client", "lowest – highest", "relay / client"}}
	for _, name := range r.workloads("relay-") {
		share := none
		if v, ok := relayShare(name)(r); ok {
			share = times(v)
		}
		t.row(strings.TrimPrefix(name, "relay-"), r.median(name, subject, workload.EventsPerSecond), r.spread(name, subject, workload.EventsPerSecond),
			r.median(name, subject, workload.EventsAlone), r.spread(name, subject, workload.EventsAlone), share)
	}
	if len(t.rows) > 0 {
		fmt.Fprint(w, "### Relays: messages a second, each confirmed, 256 at a time\n\n")
	}
	t.write(w)
}

func writeTimers(w io.Writer, r *run) {
	name := workload.Timers{}.Name()
	if len(r.workloads(name)) == 0 {
		return
	}
	fmt.Fprint(w, "### Timers: microseconds late, while the others are pending\n\n")
	t := &table{head: []string{"pending", "p50", "p99", "most", "set a second", "Go heap", "resident"}}
	count, heap, rss := none, none, none
	if v, ok := r.Median(name, subject, workload.Pending); ok {
		count = number(v)
	}
	if v, ok := r.Median(name, subject, workload.Heap); ok {
		heap = mebibytes(v)
	}
	if v, ok := r.Median(name, subject, workload.RSS); ok {
		rss = mebibytes(v)
	}
	t.row(count, r.median(name, subject, workload.P50), r.median(name, subject, workload.P99), r.median(name, subject, workload.Most),
		r.median(name, subject, workload.EventsPerSecond), heap, rss)
	t.write(w)
}

// reactTargets is the list for the event-driven half.
func reactTargets() []target {
	return []target{
		against("group of 8, against Watermill's SQL subscriber", 50, "group-8", subject, "watermill"),
		against("group of 8, against Watermill's SQL subscriber as it comes", 50, "group-8", subject, "watermill-default"),
		against("group of 8, against a JetStream pull consumer", 2, "group-8", subject, "jetstream"),
		{"p99 of the other keys with a poisoned one, against without", 1.1, true, times, func(r *run) (float64, bool) {
			return r.own(workload.Poison{}.Name(), workload.P99, workload.P99Alone)
		}},
		{"relay to JetStream, against the bare client", 0.7, false, times, relayShare("relay-nats")},
		{"relay to Kafka, against the bare client", 0.7, false, times, relayShare("relay-kafka")},
		{"timers, a million pending, p99 of lateness", 0.1, true, milliseconds, func(r *run) (float64, bool) {
			if n, _ := r.Median(workload.Timers{}.Name(), subject, workload.Pending); n < 1e6 {
				return 0, false
			}
			v, ok := r.Median(workload.Timers{}.Name(), subject, workload.P99)
			return v / 1e6, ok
		}},
	}
}

// own divides the medians of two metrics of one workload.
func (r *run) own(name, metric, by string) (float64, bool) {
	a, okA := r.Median(name, subject, metric)
	b, okB := r.Median(name, subject, by)
	return a / b, okA && okB && b > 0
}

func relayShare(name string) func(*run) (float64, bool) {
	return func(r *run) (float64, bool) { return r.own(name, workload.EventsPerSecond, workload.EventsAlone) }
}
