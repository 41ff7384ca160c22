package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/cairndb/cairn/bench/internal/workload"
)

// projected reports whether the run is one of read models.
func (r *run) projected() bool { return strings.HasPrefix(r.Command, "go run . project") }

func writeProject(w io.Writer, r *run) {
	t := &table{head: []string{"one row for each event", "events a second", "lowest – highest", "against by hand"}}
	for _, line := range []struct{ name, title string }{
		{workload.ProjectCopy, "PostgreSQL, rebuilt with COPY"},
		{workload.ProjectMemory, "memory, rebuilt"},
		{workload.ProjectLive, "PostgreSQL, live, a statement each"},
		{workload.ProjectHand, "PostgreSQL, by hand, a transaction each"},
	} {
		if len(r.workloads(line.name)) > 0 {
			t.row(line.title, r.median(line.name, subject, workload.EventsPerSecond), r.spread(line.name, subject, workload.EventsPerSecond), r.share(line.name))
		}
	}
	if len(t.rows) > 0 {
		fmt.Fprint(w, "### Projections: events a second\n\n")
	}
	t.write(w)
	writeRowLatency(w, r)
}

// share is a cell with how many times as much a workload does as what was written
// by hand.
func (r *run) share(name string) string {
	if v, ok := r.ratio(name, subject, workload.ProjectHand, subject, workload.EventsPerSecond); ok {
		return times(v)
	}
	return none
}

func writeRowLatency(w io.Writer, r *run) {
	name := workload.ProjectLatency
	if len(r.workloads(name)) == 0 {
		return
	}
	fmt.Fprint(w, "### Projections: microseconds from before the append until the row is committed\n\n")
	t := &table{head: []string{"", "p50", "p99", "most", "of that the append, p50"}}
	t.row("PostgreSQL, a statement each", r.median(name, subject, workload.P50), r.median(name, subject, workload.P99),
		r.median(name, subject, workload.Most), r.median(name, subject, workload.AppendP50))
	t.write(w)
}

// projectTargets is the list for read models.
func projectTargets() []target {
	return []target{
		{"projection into PostgreSQL, live, events/s", 20_000, false, number, metric(workload.ProjectLive, workload.EventsPerSecond)},
		{"projection into PostgreSQL, 1,000 events/s, p50 from append to row", 0.010, true, milliseconds, func(r *run) (float64, bool) {
			v, ok := r.Median(workload.ProjectLatency, subject, workload.P50)
			return v / 1e6, ok
		}},
		{"rebuild into PostgreSQL with COPY, events/s", 100_000, false, number, metric(workload.ProjectCopy, workload.EventsPerSecond)},
		{"rebuild into memory, events/s", 300_000, false, number, metric(workload.ProjectMemory, workload.EventsPerSecond)},
		{"projection into PostgreSQL, live, against a transaction for each event", 10, false, times, func(r *run) (float64, bool) {
			return r.ratio(workload.ProjectLive, subject, workload.ProjectHand, subject, workload.EventsPerSecond)
		}},
	}
}
