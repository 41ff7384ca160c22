package report

import (
	"strings"
	"testing"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0.00", 0.0012: "0.0012", 0.5: "0.50", 1.234: "1.23", 12.34: "12.3", 123.4: "123",
		1234: "1,234", 1234567: "1,234,567", -1500: "-1,500", -0.7: "-0.70",
	} {
		if got := number(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

// results are of two rounds in which the subject does ten times what its peer does.
func results() *workload.Results {
	r := &workload.Results{Command: "go run . run"}
	add := func(name, system string, round int, m workload.Metrics) {
		r.Samples = append(r.Samples, workload.Sample{Workload: name, System: system, Round: round, Metrics: m})
	}
	for round := 1; round <= 3; round++ {
		own := float64(round) * 1000
		add("append-256", "cairn", round, workload.Metrics{workload.EventsPerSecond: own, workload.CPU: 5.5, workload.P50: 100, workload.P99: 200})
		add("append-256", "pebble", round, workload.Metrics{workload.EventsPerSecond: own / 10, workload.CPU: 11})
	}
	return r
}

func TestRatiosAndTargets(t *testing.T) {
	var b strings.Builder
	Write(&b, system.All(), results())
	for _, want := range []string{
		"| append, 256 writers, against Pebble, sync | at least 2.00x | 10x | yes |",
		"| CPU of an append, 256 writers, index included | at most 5.00 us | 5.50 us | **no** |",
		"| **Cairn** | 2,000 |",
		"| Pebble, sync batch | 200 (10x) |",
		"| **Cairn** | 1,000 – 3,000 |",
		"| **Cairn** | 100 / 200 |",
		"| Pebble, sync batch | – / – |",
		"go run . run",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if t.Failed() {
		t.Log(b.String())
	}
}

func TestNothingIsSaidAboutWhatWasNotMeasured(t *testing.T) {
	var b strings.Builder
	Write(&b, system.All(), new(workload.Results))
	for _, heading := range []string{"Targets", "appends", "Reads", "Following", "Scale"} {
		if strings.Contains(b.String(), heading) {
			t.Errorf("%q is there:\n%s", heading, &b)
		}
	}
}

func TestProjecting(t *testing.T) {
	r := &workload.Results{Command: "go run . project"}
	add := func(name string, m workload.Metrics) {
		r.Samples = append(r.Samples, workload.Sample{Workload: name, System: "cairn", Round: 1, Metrics: m})
	}
	add(workload.ProjectLive, workload.Metrics{workload.EventsPerSecond: 30_000})
	add(workload.ProjectHand, workload.Metrics{workload.EventsPerSecond: 1000})
	add(workload.ProjectCopy, workload.Metrics{workload.EventsPerSecond: 90_000})
	add(workload.ProjectLatency, workload.Metrics{workload.P50: 4000, workload.P99: 8000})
	var b strings.Builder
	Write(&b, system.All(), r)
	for _, want := range []string{
		"| projection into PostgreSQL, live, events/s | at least 20,000 | 30,000 | yes |",
		"| rebuild into PostgreSQL with COPY, events/s | at least 100,000 | 90,000 | **no** |",
		"p50 from append to row | at most 10.0 ms | 4.00 ms | yes |",
		"| projection into PostgreSQL, live, against a transaction for each event | at least 10x | 30x | yes |",
		"| PostgreSQL, live, a statement each | 30,000 | 30,000 – 30,000 | 30x |",
		"| PostgreSQL, a statement each | 4,000 | 8,000 |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(b.String(), "into memory") {
		t.Error("it says what was not measured")
	}
	if t.Failed() {
		t.Log(b.String())
	}
}

func TestReacting(t *testing.T) {
	r := &workload.Results{Command: "go run . react"}
	r.Settings.Keys = 10_000
	add := func(name, system string, m workload.Metrics) {
		r.Samples = append(r.Samples, workload.Sample{Workload: name, System: system, Round: 1, Metrics: m})
	}
	add("group-8", "cairn", workload.Metrics{workload.EventsPerSecond: 300_000, workload.CPU: 5})
	add("group-8", "jetstream", workload.Metrics{workload.EventsPerSecond: 100_000})
	add("poison", "cairn", workload.Metrics{workload.P99: 1200, workload.P99Alone: 1000})
	add("relay-nats", "cairn", workload.Metrics{workload.EventsPerSecond: 80, workload.EventsAlone: 100})
	add("timers", "cairn", workload.Metrics{workload.P99: 5000, workload.Pending: 1e6, workload.Heap: 1 << 20})
	var b strings.Builder
	Write(&b, system.All(), r)
	for _, want := range []string{
		"| group of 8, against a JetStream pull consumer | at least 2.00x | 3.00x | yes |",
		"| p99 of the other keys with a poisoned one, against without | at most 1.10x | 1.20x | **no** |",
		"| relay to JetStream, against the bare client | at least 0.70x | 0.80x | yes |",
		"| timers, a million pending, p99 of lateness | at most 100 ms | 5.00 ms | yes |",
		"### A group of 8 members over 10,000 keys: events a second",
		"| NATS JetStream, default (**not durable**) | 100,000 (3.00x) |",
		"| nats | 80.0 | 80.0 – 80.0 | 100 | 100 – 100 | 0.80x |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if t.Failed() {
		t.Log(b.String())
	}
}
