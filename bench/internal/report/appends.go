package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// writeAppends writes throughput, its spread, latency and cost.
func writeAppends(w io.Writer, r *run) {
	names := r.workloads("append-", "batch-")
	if len(names) == 0 {
		return
	}
	heads := make([]string, len(names))
	for i, name := range names {
		heads[i] = writers(name)
	}
	cells := func(cell func(workload, system string) string) func(system.Spec) []string {
		return func(spec system.Spec) []string {
			list := make([]string, len(names))
			for i, name := range names {
				list[i] = cell(name, spec.Name)
			}
			return list
		}
	}
	fmt.Fprint(w, "### Conditional appends: events a second\n\nMedians; in brackets, how many times as many Cairn does.\n\n")
	r.perSystem(w, heads, names, cells(func(name, system string) string { return r.compared(name, system, workload.EventsPerSecond) }))
	fmt.Fprint(w, "Lowest and highest of the rounds:\n\n")
	r.perSystem(w, heads, names, cells(func(name, system string) string { return r.spread(name, system, workload.EventsPerSecond) }))
	fmt.Fprint(w, "### Conditional appends: microseconds until the answer, p50 / p99\n\n")
	r.perSystem(w, heads, names, cells(func(name, system string) string {
		return r.median(name, system, workload.P50) + " / " + r.median(name, system, workload.P99)
	}))
	fmt.Fprint(w, "### Conditional appends: cost of an event, CPU microseconds / bytes written to the device\n\n"+
		"Of all processes involved, indexes and a clean close included; bytes as the device counts them.\n\n")
	r.perSystem(w, heads, names, cells(func(name, system string) string {
		return r.median(name, system, workload.CPU) + " / " + r.median(name, system, workload.Written)
	}))
}

// writers turns the name of a workload into the head of a column.
func writers(name string) string {
	kind, rest, _ := strings.Cut(name, "-")
	count, batch, _ := strings.Cut(rest, "x")
	switch {
	case kind == "batch":
		return count + " writers, batches of " + batch
	case count == "1":
		return "1 writer"
	}
	return count + " writers"
}
