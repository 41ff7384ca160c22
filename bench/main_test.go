package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/wire"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// The commands scale and wire start this program again, which here is the test.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "scale-step" || os.Args[1] == "wire-server") {
		main()
		return
	}
	os.Exit(m.Run())
}

// bench runs the command and returns its samples and its Markdown.
func bench(t *testing.T, args ...string) (*workload.Results, string) {
	t.Helper()
	dir, stores := t.TempDir(), t.TempDir()
	json := filepath.Join(dir, "results.json")
	var out bytes.Buffer
	if err := run(t.Context(), append(args, "-dir", stores, "-json", json), &out, t.Output()); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(stores); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	results, err := readResults(json)
	if err != nil {
		t.Fatal(err)
	}
	again := new(bytes.Buffer)
	if err := run(t.Context(), []string{"report", json}, again, t.Output()); err != nil || again.String() != out.String() {
		t.Errorf("the report command writes something else: %v", err)
	}
	return results, out.String()
}

// Every system does every kind of work, in small.
func TestRunMeasuresEverySystem(t *testing.T) {
	const selection = "append-1,append-64,batch,follow,read,filtered"
	kinds, err := workloads(selection, workload.All())
	if err != nil {
		t.Fatal(err)
	}
	results, page := bench(t, "run", "-workloads", selection, "-rounds", "1", "-duration", "20ms", "-warmup", "5ms", "-idle", "0s", "-events", "6000")
	for _, spec := range system.All() {
		t.Run(spec.Name, func(t *testing.T) {
			i := slices.IndexFunc(results.Omitted, func(s string) bool { return strings.HasPrefix(s, spec.Name+" ") })
			if i >= 0 {
				t.Skip("is missing: ", results.Omitted[i])
			}
			for _, w := range kinds {
				_, measured := results.Median(w.Name(), spec.Name, workload.P50)
				if _, appends := w.(workload.Append); appends && !measured {
					t.Errorf("%s was not measured", w.Name())
				}
			}
			if _, measured := results.Median("read-all", spec.Name, workload.EventsPerSecond); measured == spec.WritesOnly {
				t.Error("reading was or was not measured, against the spec")
			}
			if !strings.Contains(page, "| "+spec.Title+" |") {
				t.Error("it is not on the page")
			}
		})
	}
}

func TestScaleSurvivesKills(t *testing.T) {
	results, page := bench(t, "scale", "-streams", "3000", "-rounds", "1")
	for _, step := range []string{workload.ScaleLoad, workload.ScaleReopen, workload.ScaleKilled} {
		if v, ok := results.Median(workload.ScalePrefix+"3000"+step, "cairn", workload.RSS); !ok || v < 1<<20 {
			t.Errorf("%s: %v bytes resident, %v", step, v, ok)
		}
	}
	if !strings.Contains(page, "| **Cairn**, 3,000 |") {
		t.Error("it is not on the page:\n", page)
	}
}

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{
		{"run", "-systems", "oracle"}, {"run", "-workloads", "sleep"}, {"run", "-rounds", "x"},
		{"scale", "-streams", "many"}, {"report", filepath.Join(t.TempDir(), "missing.json")},
		{"scale-step", "-system", "cairn", "dance"}, {"react", "-systems", "oracle"}, {"react", "-workloads", "sleep"}, {"project", "-systems", "oracle"}, {"project", "-workloads", "sleep"},
	} {
		if err := run(t.Context(), args, &bytes.Buffer{}, t.Output()); err == nil {
			t.Errorf("%v did not fail", args)
		}
	}
}

func TestSelection(t *testing.T) {
	for selection, want := range map[string]int{"all": len(workload.All()), "append": 4, "batch": 1, "append-1": 1, "append,follow": 5, "read": 2} {
		if got, err := workloads(selection, workload.All()); err != nil || len(got) != want {
			t.Errorf("%q selects %d, %v; want %d", selection, len(got), err, want)
		}
	}
}

// Every server does every kind of work, in small; the crowds, which are large, are
// left out.
func TestWireMeasuresEveryServer(t *testing.T) {
	results, page := bench(t, "wire", "-workloads", "append-1,follow,read-all,read-streams", "-rounds", "1",
		"-duration", "20ms", "-warmup", "5ms", "-idle", "0s", "-events", "2000")
	for _, spec := range wire.All([]string{""}) {
		t.Run(spec.Name, func(t *testing.T) {
			i := slices.IndexFunc(results.Omitted, func(s string) bool { return strings.HasPrefix(s, spec.Name+" ") })
			if i >= 0 {
				t.Skip("is missing: ", results.Omitted[i])
			}
			want := []string{"append-1"}
			if !spec.Hollow && spec.Name != "postgres" {
				want = append(want, "follow", "follow-100")
			}
			if !spec.WritesOnly {
				want = append(want, "read-all", "read-streams-8")
			}
			for _, name := range want {
				if len(results.Values(name, spec.Name, workload.EventsPerSecond))+len(results.Values(name, spec.Name, workload.P50)) == 0 {
					t.Errorf("%s was not measured", name)
				}
			}
			if !strings.Contains(page, spec.Title) {
				t.Errorf("the page has no row %q", spec.Title)
			}
		})
	}
}

// Every part of what read models are made by is measured, in small.
func TestProjectMeasuresEverything(t *testing.T) {
	results, page := bench(t, "project", "-rounds", "1", "-idle", "0s", "-duration", "100ms", "-events", "5000", "-live", "3000", "-hand", "20")
	for name, metric := range map[string]string{
		workload.ProjectMemory: workload.EventsPerSecond, workload.ProjectCopy: workload.EventsPerSecond, workload.ProjectLive: workload.EventsPerSecond,
		workload.ProjectHand: workload.EventsPerSecond, workload.ProjectLatency: workload.P50,
	} {
		v, ok := results.Median(name, "cairn", metric)
		if name != workload.ProjectMemory && !ok && os.Getenv("CAIRN_REQUIRE_SERVICES") == "" {
			continue // PostgreSQL may be missing
		}
		if !ok || v <= 0 {
			t.Errorf("%s of %s is %v, %v", metric, name, v, ok)
		}
	}
	if !strings.Contains(page, "| memory, rebuilt |") {
		t.Error("it is not on the page:\n", page)
	}
}

// Every part of the event-driven half is measured, in small.
func TestReactMeasuresEverything(t *testing.T) {
	results, page := bench(t, "react", "-rounds", "1", "-idle", "0s", "-events", "4000", "-keys", "100", "-work", "1us",
		"-poison", "200ms", "-messages", "500", "-timers", "1000", "-firing", "500", "-fire", "200ms")
	for _, spec := range reactors([]string{""}) {
		t.Run(spec.Name, func(t *testing.T) {
			i := slices.IndexFunc(results.Omitted, func(s string) bool { return strings.HasPrefix(s, spec.Name+" ") })
			if i >= 0 {
				t.Skip("is missing: ", results.Omitted[i])
			}
			for _, name := range []string{"group-8", "group-8-1\u00b5s"} {
				if v, ok := results.Median(name, spec.Name, workload.EventsPerSecond); !ok || v <= 0 {
					t.Errorf("%s: %v, %v", name, v, ok)
				}
			}
			if !strings.Contains(page, "| "+spec.Title+" |") {
				t.Error("it is not on the page")
			}
		})
	}
	for name, metrics := range map[string][]string{
		"poison":      {workload.P99, workload.P99Alone},
		"relay-nats":  {workload.EventsPerSecond, workload.EventsAlone},
		"relay-kafka": {workload.EventsPerSecond, workload.EventsAlone},
		"timers":      {workload.P99, workload.Heap},
	} {
		for _, metric := range metrics {
			if v, ok := results.Median(name, "cairn", metric); !ok || v <= 0 {
				t.Errorf("%s of %s is %v, %v", metric, name, v, ok)
			}
		}
	}
	for _, heading := range []string{"### A group of 8 members over 100 keys", "### A poisoned key", "### Relays", "### Timers", "| nats |", "| 1,000 |"} {
		if !strings.Contains(page, heading) {
			t.Errorf("the page has no %q:\n%s", heading, page)
		}
	}
}
