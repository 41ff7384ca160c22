package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// Write writes one or several runs: the targets first, then each run.
// The systems are those that the results may be of, in the order of their rows.
func Write(w io.Writer, systems []system.Spec, runs ...*workload.Results) {
	writeTargets(w, runs)
	for i, r := range runs {
		if len(runs) > 1 {
			fmt.Fprintf(w, "## Run %d\n\n", i+1)
		}
		writeRun(w, &run{r, systems})
	}
}

// A run gives access to the medians of one run.
type run struct {
	*workload.Results
	systems []system.Spec
}

func writeRun(w io.Writer, r *run) {
	writeSetting(w, r)
	if r.served() {
		writeWire(w, r)
		return
	}
	if r.reacted() {
		writeReact(w, r)
		return
	}
	if r.projected() {
		writeProject(w, r)
		return
	}
	writeAppends(w, r)
	writeReads(w, r)
	writeFollow(w, r)
	writeScale(w, r)
}

// subject is the system that all others are compared with.
const subject = "cairn"

// median is a cell with the median of a metric.
func (r *run) median(workload, system, metric string) string {
	if v, ok := r.Median(workload, system, metric); ok {
		return number(v)
	}
	return none
}

// compared is a cell with the median of a metric and, for a peer, how many
// times more the subject has.
func (r *run) compared(workload, system, metric string) string {
	v, ok := r.Median(workload, system, metric)
	if !ok {
		return none
	}
	if own, ok := r.Median(workload, subject, metric); ok && system != subject && v > 0 {
		return number(v) + " (" + times(own/v) + ")"
	}
	return number(v)
}

// spread is a cell with the lowest and highest value of a metric.
func (r *run) spread(workload, system, metric string) string {
	values := r.Values(workload, system, metric)
	if len(values) == 0 {
		return none
	}
	return number(values[0]) + " – " + number(values[len(values)-1])
}

// has reports whether a system was measured under any of the workloads.
func (r *run) has(spec system.Spec, workloads ...string) bool {
	return slices.ContainsFunc(r.Samples, func(s workload.Sample) bool {
		return s.System == spec.Name && slices.Contains(workloads, s.Workload)
	})
}

// workloads are the names of those that were measured and begin with one of
// the prefixes, in order.
func (r *run) workloads(prefixes ...string) (names []string) {
	for _, s := range r.Samples {
		begins := slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s.Workload, p) })
		if begins && !slices.Contains(names, s.Workload) {
			names = append(names, s.Workload)
		}
	}
	return names
}

// perSystem writes a table with a row for each system that was measured under
// the workloads.
func (r *run) perSystem(w io.Writer, head []string, workloads []string, cells func(system.Spec) []string) {
	t := &table{head: append([]string{"system"}, head...)}
	for _, spec := range r.systems {
		if r.has(spec, workloads...) {
			t.row(append([]string{spec.Title}, cells(spec)...)...)
		}
	}
	t.write(w)
}
