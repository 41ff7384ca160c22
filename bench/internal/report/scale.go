package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// writeScale writes what a store of very many streams needs.
func writeScale(w io.Writer, r *run) {
	loads := r.workloads(workload.ScalePrefix)
	if len(loads) == 0 {
		return
	}
	fmt.Fprint(w, "### Scale: streams of one event\n\nResident memory after a garbage collection, each step in a process of its own. "+
		"A store is ready when Open has returned, one append was acknowledged and one stream was read.\n\n")
	memory := &table{head: []string{"system, streams", "resident after load", "at most", "Go heap", "resident after reopening", "at most",
		"bytes on disk an event"}}
	opening := &table{head: []string{"system, streams", "ready after a clean stop", "of that Open", "ready after kill -9", "of that Open"}}
	for _, spec := range system.All() {
		for _, name := range loads {
			if streams, ok := strings.CutSuffix(name, workload.ScaleLoad); ok && r.has(spec, name) {
				label := spec.Title + ", " + streamCount(streams)
				memory.row(append([]string{label}, r.memory(streams, spec.Name)...)...)
				opening.row(append([]string{label}, r.opening(streams, spec.Name)...)...)
			}
		}
	}
	memory.write(w)
	opening.write(w)
}

func streamCount(prefix string) string {
	var n int64
	fmt.Sscan(strings.TrimPrefix(prefix, workload.ScalePrefix), &n)
	return thousands(n)
}

func (r *run) memory(prefix, system string) []string {
	load, reopened := prefix+workload.ScaleLoad, prefix+workload.ScaleReopen
	return []string{
		r.as(mebibytes, load, system, workload.RSS), r.as(mebibytes, load, system, workload.PeakRSS),
		r.as(mebibytes, load, system, workload.Heap), r.as(mebibytes, reopened, system, workload.RSS),
		r.as(mebibytes, reopened, system, workload.PeakRSS), r.as(number, load, system, workload.DiskPerEvent),
	}
}

func (r *run) opening(prefix, system string) []string {
	clean, killed := prefix+workload.ScaleReopen, prefix+workload.ScaleKilled
	return []string{
		r.as(milliseconds, clean, system, workload.ReadySeconds), r.as(milliseconds, clean, system, workload.OpenSeconds),
		r.as(milliseconds, killed, system, workload.ReadySeconds), r.as(milliseconds, killed, system, workload.OpenSeconds),
	}
}

func milliseconds(v float64) string { return number(v*1000) + " ms" }

func (r *run) as(format func(float64) string, name, system, metric string) string {
	if v, ok := r.Median(name, system, metric); ok {
		return format(v)
	}
	return none
}
