package telemetry_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/inbox"
	"github.com/cairndb/cairn/metrics"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/timer"
)

// values are the metrics by name and labels; of a histogram, how often.
type values map[string]float64

func gather(t testing.TB, in *telemetry.Instruments) values {
	t.Helper()
	families, err := in.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := values{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			if len(m.Label) > 0 {
				var labels []string
				for _, l := range m.Label {
					labels = append(labels, l.GetName()+`="`+l.GetValue()+`"`)
				}
				name += "{" + strings.Join(labels, ",") + "}"
			}
			switch {
			case m.Histogram != nil:
				all[name] = float64(m.Histogram.GetSampleCount())
			case m.Counter != nil:
				all[name] = m.Counter.GetValue()
			case m.Gauge != nil:
				all[name] = m.Gauge.GetValue()
			}
		}
	}
	return all
}

func (v values) want(t testing.TB, name string, n float64) {
	t.Helper()
	if got, ok := v[name]; !ok || got != n {
		t.Errorf("%s = %v (there: %v), want %v", name, got, ok, n)
	}
}

// used is a server's instruments after some of everything.
func used(t *testing.T) *telemetry.Instruments {
	in := telemetry.New(telemetry.Options{Version: "1.2.3"})
	s := memory(t, in)
	t.Cleanup(func() { s.Close() })
	must(t)(s.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t"}))
	if _, err := s.Append(t.Context(), "s", 7, cairn.Event{Type: "t"}); err == nil {
		t.Fatal("no conflict")
	}
	in.HTTP(http.NewServeMux()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	must(t)(in.Unary(t.Context(), nil, info, func(ctx contextType, req any) (any, error) { return nil, nil }))
	in.Connection("grpc")
	return in
}

// all is the same, with a group and a projection in the store, and what programs measure of
// themselves.
func all(t *testing.T) *telemetry.Instruments {
	in := used(t)
	store := memory(t, in)
	t.Cleanup(func() { store.Close() })
	must(t)(store.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t"}))
	for _, err := range group.Receive(t.Context(), store, "g", group.Options{Partitions: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	reported := cairn.Event{Type: "$projection-status", Data: []byte(`{"projection":"p","active":1,"builds":[{"build":1,"version":1,"phase":"active"}]}`)}
	must(t)(store.Append(t.Context(), projection.ReportStream("p"), cairn.Any, reported))
	must(t)(cairn.SetMetadata(t.Context(), store, projection.ReportStream("p"), cairn.Any, cairn.StreamMetadata{MaxCount: 4}))
	reacting(t, in)
	return in
}

func reacting(t *testing.T, in *telemetry.Instruments) {
	g, err1 := metrics.NewGroup(in.Registry(), "g")
	r, err2 := metrics.NewRelay(in.Registry(), "g")
	i, err3 := metrics.NewInbox(in.Registry(), "g")
	m, err4 := metrics.NewTimers(in.Registry(), "g")
	s, err5 := metrics.NewSaga(in.Registry(), "g")
	p, err6 := metrics.NewProjection(in.Registry(), "g")
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		t.Fatal(err)
	}
	g.Measure(group.Options{})
	r.Measure(broker.RelayOptions{})
	i.Measure(inbox.Hooks{})
	m.Measure(timer.Options{})
	p.Measure(projection.Options{})
	p.Audited(&projection.AuditReport{Build: 1})
	s.Measure(saga.Options{}).OnIgnored(&cairn.Recorded{}, "", saga.AfterEnd)
}

func TestNamesAreGood(t *testing.T) {
	problems, err := testutil.GatherAndLint(all(t).Registry())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "cairn_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// TestDocumented: docs/observability.md has a row for every metric, and none
// that is not there.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	families, err := all(t).Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, f := range families {
		name := f.GetName()
		if !strings.HasPrefix(name, "cairn_") {
			continue
		}
		there = append(there, name)
		row := regexp.MustCompile("(?m)^\\| `" + name + "` \\| " + strings.ToLower(f.GetType().String()) + " \\|([^|]*)\\|.*$").FindStringSubmatch(string(text))
		if row == nil {
			t.Errorf("no row begins with | `%s` | %s |", name, strings.ToLower(f.GetType().String()))
			continue
		}
		for _, l := range f.Metric[0].Label {
			if !strings.Contains(row[1], "`"+l.GetName()+"`") {
				t.Errorf("the row of %s does not name its label %q", name, l.GetName())
			}
		}
	}
	mentioned := regexp.MustCompile(`\bcairn_[a-z_]+`)
	for _, name := range mentioned.FindAllString(string(text), -1) {
		base := name
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			base = strings.TrimSuffix(base, suffix)
		}
		if !slices.Contains(there, base) && !slices.Contains(there, name) {
			t.Errorf("%s is documented and not there", name)
		}
	}
}

func TestFormats(t *testing.T) {
	in := used(t)
	for accept, want := range map[string]string{
		"":                             "text/plain",
		"application/openmetrics-text": "application/openmetrics-text",
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Header.Set("Accept", accept)
		in.Handler().ServeHTTP(w, r)
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("accept %q: %s", accept, got)
		}
		for _, line := range []string{"cairn_append_events_total 1", `cairn_build_info{`, `version="1.2.3"`, "go_goroutines", "process_cpu_seconds_total"} {
			if !strings.Contains(w.Body.String(), line) {
				t.Errorf("accept %q: no %s", accept, line)
			}
		}
	}
}

// TestMetricsOfAClosedStore: they can be asked for at any time.
func TestMetricsOfAClosedStore(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	gather(t, in)
	s := memory(t, in)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, ok := gather(t, in)["cairn_head_position"]; ok {
		t.Error("a closed store has a head")
	}
}
