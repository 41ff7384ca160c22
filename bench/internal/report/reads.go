package report

import (
	"fmt"
	"io"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

var (
	readAll     = workload.ReadAll{}.Name()
	readStreams = workload.ReadStreams{}.Name()
	filtered    = workload.Filtered{}.Name()
	follow      = workload.Follow{}.Name()
)

// writeReads writes what loading, reading and keeping events costs.
func writeReads(w io.Writer, r *run) {
	if len(r.workloads(workload.Load)) == 0 {
		return
	}
	fmt.Fprintf(w, "### Reads of %s events: events a second, warm\n\n", number(float64(r.Settings.Events)))
	fmt.Fprint(w, "Medians; in brackets, how many times as many Cairn does.\n\n")
	names := []string{readAll, readStreams}
	r.perSystem(w, []string{"everything", "CPU us", "streams of 100 in random order", "CPU us", "p50 / p99 us of a stream"}, names,
		func(s system.Spec) []string {
			return []string{
				r.compared(readAll, s.Name, workload.EventsPerSecond), r.median(readAll, s.Name, workload.CPU),
				r.compared(readStreams, s.Name, workload.EventsPerSecond), r.median(readStreams, s.Name, workload.CPU),
				r.median(readStreams, s.Name, workload.P50) + " / " + r.median(readStreams, s.Name, workload.P99),
			}
		})
	writeFiltered(w, r)
	fmt.Fprint(w, "### Keeping them\n\n")
	r.perSystem(w, []string{"loaded, events a second", "bytes on disk an event", "for each byte of payload"}, []string{workload.Load},
		func(s system.Spec) []string {
			size, ratio := none, none
			if v, ok := r.Median(workload.Load, s.Name, workload.DiskPerEvent); ok {
				size, ratio = number(v), times(v/workload.PayloadSize)
			}
			return []string{r.median(workload.Load, s.Name, workload.EventsPerSecond), size, ratio}
		})
}

func writeFiltered(w io.Writer, r *run) {
	if len(r.workloads(filtered)) == 0 {
		return
	}
	fmt.Fprint(w, "### Filtered read: the events of one type, 1 in 10,000\n\n")
	r.perSystem(w, []string{"matches", "milliseconds", "reading everything takes"}, []string{filtered}, func(s system.Spec) []string {
		ms, share := none, none
		if v, ok := r.Median(filtered, s.Name, workload.Seconds); ok {
			ms = number(v * 1000)
		}
		if v, ok := r.ratio(readAll, s.Name, filtered, s.Name, workload.Seconds); ok {
			share = times(v) + " as long"
		}
		return []string{r.median(filtered, s.Name, workload.Matches), ms, share}
	})
}

// ratio divides the medians of a metric.
func (r *run) ratio(workloadA, systemA, workloadB, systemB, metric string) (float64, bool) {
	a, okA := r.Median(workloadA, systemA, metric)
	b, okB := r.Median(workloadB, systemB, metric)
	return a / b, okA && okB && b > 0
}

func writeFollow(w io.Writer, r *run) {
	if len(r.workloads(follow)) == 0 {
		return
	}
	fmt.Fprint(w, "### Following: microseconds from before the append to the follower, 500 events a second\n\n")
	r.perSystem(w, []string{"append p50", "follower p50", "follower p99", "p50 above the append's own"}, []string{follow},
		func(s system.Spec) []string {
			return []string{
				r.median(follow, s.Name, workload.AppendP50), r.median(follow, s.Name, workload.P50),
				r.median(follow, s.Name, workload.P99), r.median(follow, s.Name, workload.Behind),
			}
		})
}
