package report

import (
	"strings"
	"testing"

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
	Write(&b, results())
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
	Write(&b, new(workload.Results))
	for _, heading := range []string{"Targets", "appends", "Reads", "Following", "Scale"} {
		if strings.Contains(b.String(), heading) {
			t.Errorf("%q is there:\n%s", heading, &b)
		}
	}
}
