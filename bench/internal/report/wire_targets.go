package report

import "github.com/cairndb/cairn/bench/internal/workload"

// wireTargets is the list for servers.
func wireTargets() []target {
	const calls, messages, own = "cairn-append", "cairn-batch", "cairn-native"
	const durable = "tcp-jetstream-always"
	return []target{
		against("`Append`, 256 callers, against a server that does nothing", 0.8, "append-256", calls, "nothing-append"),
		against("`Append`, 256 callers, against JetStream, sync always", 4, "append-256", calls, durable),
		{"`BatchAppend`, 256 callers", 60_000, false, number, func(r *run) (float64, bool) {
			return r.Median("append-256", messages, workload.EventsPerSecond)
		}},
		against("`BatchAppend`, 256 callers, against a server that does nothing", 0.8, "append-256", messages, "nothing-batch"),
		against("Cairn's own client, 256 callers, against `BatchAppend`", 2, "append-256", own, messages),
		{"`Read` of everything, server's CPU an event", 1.6, true, microseconds, func(r *run) (float64, bool) {
			return r.Median(readAll, calls, workload.ServerCPU)
		}},
		{"`Read` of everything by the official client, events a second", 200_000, false, number, func(r *run) (float64, bool) {
			return r.Median(readAll, calls, workload.EventsPerSecond)
		}},
		against("whole streams, 8 readers, against PostgreSQL", 1.5, "read-streams-8", calls, "postgres"),
		level("follower's p50 against JetStream's, sync always", follow, calls, durable, workload.P50),
		level("follower's p99 against JetStream's, sync always", follow, calls, durable, workload.P99),
		level("100 followers' p50 against JetStream's, sync always", "follow-100", calls, durable, workload.P50),
		level("100 followers' p99 against JetStream's, sync always", "follow-100", calls, durable, workload.P99),
		{"append p99 beside 1,000 slow followers, against without", 1.2, true, times, func(r *run) (float64, bool) {
			with, ok := r.Median("slow-1000", calls, workload.P99)
			without, found := r.Median("slow-1000", calls, workload.P99Alone)
			return with / without, ok && found && without > 0
		}},
	}
}

// against is the target of doing so many times the events of another.
func against(work string, least float64, name, system, other string) target {
	return target{work, least, false, times, func(r *run) (float64, bool) {
		return r.ratio(name, system, name, other, workload.EventsPerSecond)
	}}
}

// level is the target of a latency that is not above another's.
func level(work, name, system, other, metric string) target {
	return target{work, 1, true, times, func(r *run) (float64, bool) {
		return r.ratio(name, system, name, other, metric)
	}}
}
