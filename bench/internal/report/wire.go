package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// writeWire writes what servers did, with no other to compare with: who should
// be compared with whom depends on the row.
func writeWire(w io.Writer, r *run) {
	writeWireAppends(w, r)
	writeWireReads(w, r)
	writeWireFollow(w, r)
	writeCrowds(w, r)
}

// served reports whether the run is one of servers.
func (r *run) served() bool { return strings.HasPrefix(r.Command, "go run . wire") }

func writeWireAppends(w io.Writer, r *run) {
	for _, name := range r.workloads("append-") {
		fmt.Fprintf(w, "### Over the wire, %s: conditional appends of one event\n\n", strings.Replace(writers(name), "writer", "caller", 1))
		r.perSystem(w, []string{"events a second", "lowest – highest", "p50 / p99 us", "CPU us, server", "CPU us, server and client"}, []string{name},
			func(s system.Spec) []string {
				return []string{
					r.median(name, s.Name, workload.EventsPerSecond), r.spread(name, s.Name, workload.EventsPerSecond),
					r.median(name, s.Name, workload.P50) + " / " + r.median(name, s.Name, workload.P99),
					r.median(name, s.Name, workload.ServerCPU), r.median(name, s.Name, workload.CPU),
				}
			})
	}
}

func writeWireReads(w io.Writer, r *run) {
	for _, name := range r.workloads("read-") {
		fmt.Fprintf(w, "### Over the wire, %s of %s events, warm\n\n", name, number(float64(r.Settings.Events)))
		r.perSystem(w, []string{"events a second", "lowest – highest", "CPU us, server", "CPU us, server and client"}, []string{name},
			func(s system.Spec) []string {
				return []string{
					r.median(name, s.Name, workload.EventsPerSecond), r.spread(name, s.Name, workload.EventsPerSecond),
					r.median(name, s.Name, workload.ServerCPU), r.median(name, s.Name, workload.CPU),
				}
			})
	}
}

func writeWireFollow(w io.Writer, r *run) {
	for _, name := range r.workloads("follow") {
		fmt.Fprintf(w, "### Over the wire, %s: microseconds from before the append to the follower\n\n", name)
		r.perSystem(w, []string{"append p50", "follower p50", "follower p99"}, []string{name}, func(s system.Spec) []string {
			return []string{
				r.median(name, s.Name, workload.AppendP50), r.median(name, s.Name, workload.P50), r.median(name, s.Name, workload.P99),
			}
		})
	}
}

func writeCrowds(w io.Writer, r *run) {
	for _, name := range r.workloads("idle-", "slow-") {
		fmt.Fprintf(w, "### Over the wire, %s followers\n\n", strings.Replace(name, "-", " ", 1))
		r.perSystem(w, []string{"appends a second without", "with", "p99 us without", "with", "memory of each, KiB", "processors while nothing is written"},
			[]string{name}, func(s system.Spec) []string {
				each := none
				if v, ok := r.Median(name, s.Name, workload.MemoryEach); ok {
					each = number(v / 1024)
				}
				return []string{
					r.median(name, s.Name, workload.EventsAlone), r.median(name, s.Name, workload.EventsPerSecond),
					r.median(name, s.Name, workload.P99Alone), r.median(name, s.Name, workload.P99),
					each, r.median(name, s.Name, workload.IdleCPU),
				}
			})
	}
}
