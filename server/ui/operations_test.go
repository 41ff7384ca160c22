package ui_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui"
)

const script = `<script>alert(1)</script>`

// operated are options with something for each page of Operations.
func operated() (ui.Options, *ui.Logs) {
	logs := &ui.Logs{}
	r := prometheus.NewRegistry()
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cairn_append_duration_seconds", Help: "Time of " + script, Buckets: []float64{1, 2, 4}}, []string{"operation"})
	r.MustRegister(h)
	for _, seconds := range []float64{.5, 1.5, 1.5, 3} {
		h.WithLabelValues(script).Observe(seconds)
	}
	return ui.Options{
		Version: "1.2", Logs: logs, Gatherer: r, Logger: slog.New(slog.NewTextHandler(logs, nil)),
		Settings: []ui.Setting{{Name: "listen", Value: script, Origin: "--listen", Group: "Net"}, {Name: "broker", Value: "amqp://me:hidden@host/?sslpassword=hidden&a=b", Origin: "default"}},
		Verify: func(context.Context, func(int64, int64)) (ui.Verification, error) {
			return ui.Verification{Events: 4711, Segments: 1}, nil
		},
	}, logs
}

var operationsPages = []string{
	"/ui/operations", "/ui/operations/verify", "/ui/operations/settings", "/ui/operations/users", "/ui/operations/metrics", "/ui/operations/logs",
	"/ui/operations/verify/live", "/ui/operations/logs/live", "/ui/operations/users/admin",
}

var operationsActs = []string{
	"/ui/operations/verify/start", "/ui/operations/verify/stop", "/ui/operations/users", "/ui/operations/users/ops/describe", "/ui/operations/users/ops/password",
	"/ui/operations/users/ops/enable", "/ui/operations/users/ops/disable/ask", "/ui/operations/users/ops/disable", "/ui/operations/users/ops/delete/ask", "/ui/operations/users/ops/delete",
}

func TestOperationsAreForAdministrators(t *testing.T) {
	o, _ := operated()
	w := newSecured(t, o)
	if err := w.access.Users().Create(t.Context(), access.User{Login: "ann", Groups: []string{access.Operations}}, "secret"); err != nil {
		t.Fatal(err)
	}
	if status, page := w.get("/ui/operations"); status != http.StatusSeeOther || strings.Contains(page, "Runs since") {
		t.Errorf("nobody in particular: %d", status)
	}
	w.post("/ui/login", url.Values{"login": {"ann"}, "password": {"secret"}})
	for _, path := range operationsPages {
		if status, page := w.get(path); status != http.StatusForbidden || strings.Contains(page, "4711") || strings.Contains(page, "changeit") || !strings.Contains(page, "Not allowed") {
			t.Errorf("%s: %d\n%s", path, status, page)
		}
	}
	for _, path := range operationsActs {
		if status, _ := w.post(path, url.Values{"login": {"eve"}, "password": {"x"}, "again": {"x"}}); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	all, err := w.access.Users().All(t.Context())
	if err != nil || len(all) != 3 || all[2].Disabled {
		t.Errorf("what was refused was done: %+v, %v", all, err)
	}
}

func TestOperationsRefuseOtherSites(t *testing.T) {
	o, _ := operated()
	w := newSecured(t, o)
	w.login()
	for _, path := range operationsActs {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+path, strings.NewReader("login=eve&password=x&again=x"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		res, err := w.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if all, err := w.access.Users().All(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("a page of another site changed the users: %+v, %v", all, err)
	}
}

// What lines, labels and settings hold is never markup, and never a secret.
func TestOperationsAreHarmless(t *testing.T) {
	o, logs := operated()
	w := newWorld(t, o)
	for _, line := range []string{script, "level=ERROR " + script + "\n", "\xff\xfe broken", strings.Repeat("<b>", 5000), `{"time":"","level":"WARN","msg":"` + script + `"}`} {
		if _, err := logs.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/ui/operations", "/ui/operations/settings", "/ui/operations/metrics", "/ui/operations/logs", "/ui/operations/users", "/ui/operations/verify",
		"/ui/operations/metrics?q=" + url.QueryEscape(script), "/ui/operations/logs?q=" + url.QueryEscape(script)} {
		status, page := w.get(path)
		if status != http.StatusOK || strings.Contains(page, script) || strings.Contains(page, "<b>") || strings.Contains(page, "hidden@") || strings.Contains(page, "password=hidden") {
			t.Errorf("%s: %d, holds markup or a secret\n%.3000s", path, status, page)
		}
		contains(t, page, `aria-current="page"`)
	}
	_, page := w.get("/ui/operations")
	contains(t, page, "1 error<", "1 warning<", "1.2", "1 of 2")
	_, page = w.get("/ui/operations/settings")
	contains(t, page, "&lt;script&gt;", "--listen", "amqp://me:xxxxx@host")
	_, page = w.get("/ui/operations/users")
	contains(t, page, "asks nobody who they are")
	if status, _ := w.post("/ui/operations/users", url.Values{"login": {"eve"}}); status != http.StatusNotFound {
		t.Errorf("a user was created where there are none: %d", status)
	}
}

func TestWhatIsNotGivenIsNotShown(t *testing.T) {
	w := newWorld(t, ui.Options{})
	_, page := w.get("/ui/operations")
	for _, tab := range []string{"verify", "settings", "metrics", "logs"} {
		if strings.Contains(page, "/ui/operations/"+tab) {
			t.Errorf("there is a way to %s", tab)
		}
		if status, _ := w.get("/ui/operations/" + tab); status != http.StatusNotFound {
			t.Errorf("%s: %d", tab, status)
		}
	}
}

func TestMetrics(t *testing.T) {
	o, _ := operated()
	w := newWorld(t, o)
	_, page := w.get("/ui/operations/metrics")
	contains(t, page, "<h2>append</h2>", "cairn_append_duration_seconds", "operation=&lt;script&gt;", ">4<", "1.5 s", "3.92 s", "6.5 s", `href="/metrics"`)
	for q, want := range map[string]bool{"DURATION": true, "time of": true, "alert(1)": true, "nothing": false} {
		if _, page := w.get("/ui/operations/metrics?q=" + url.QueryEscape(q)); strings.Contains(page, "cairn_append") != want {
			t.Errorf("%q finds it: %v", q, !want)
		}
	}
	if status, _ := w.get("/ui/operations/metrics?q=" + strings.Repeat("x", 201)); status != http.StatusBadRequest {
		t.Errorf("a long search: %d", status)
	}
}

func TestMetricsAreBounded(t *testing.T) {
	r := prometheus.NewRegistry()
	for f := range 60 {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: fmt.Sprintf("m_%d", f)}, []string{"of"})
		r.MustRegister(g)
		for i := range 200 {
			g.WithLabelValues(strings.Repeat("l", 2000) + fmt.Sprint(i)).Set(1)
		}
	}
	w := newWorld(t, ui.Options{Gatherer: r})
	_, page := w.get("/ui/operations/metrics")
	if len(page) > 1<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
	contains(t, page, "and 150 more of", "There are more")
}

func TestLogs(t *testing.T) {
	o, logs := operated()
	w := newWorld(t, o)
	for i := range 700 {
		o.Logger.Info("first", "line", i)
	}
	o.Logger.Warn("a warning")
	o.Logger.Error("an error", "level", "INFO")
	_, page := w.get("/ui/operations/logs")
	if n := strings.Count(page, "<li class="); n != 500 {
		t.Errorf("%d lines are shown, want 500", n)
	}
	for query, want := range map[string]int{"level=warn": 2, "level=error": 1, "q=WARNING": 1, "q=line%3D699": 1, "q=line%3D1": 0 + strings.Count(page, "line=1"), "level=error&q=warning": 0} {
		if _, page := w.get("/ui/operations/logs?" + query); strings.Count(page, "<li class=") != want {
			t.Errorf("%s: %d lines, want %d", query, strings.Count(page, "<li class="), want)
		}
	}
	if status, _ := w.get("/ui/operations/logs?level=loud"); status != http.StatusBadRequest {
		t.Errorf("a level that is none: %d", status)
	}
	_, wrote := logs.Latest()
	lines, _ := w.follow(fmt.Sprintf("/ui/operations/logs/live?after=%d&level=warn", wrote))
	o.Logger.Info("not wanted " + script)
	o.Logger.Error("wanted " + script)
	var seen []string
	for line := range lines {
		seen = append(seen, line)
		if strings.Contains(line, "wanted") {
			break
		}
	}
	all := strings.Join(seen, "\n")
	if strings.Contains(all, "not wanted") || strings.Contains(all, script) || !strings.Contains(all, fmt.Sprintf("id: %d", wrote+2)) {
		t.Errorf("the feed said\n%s", all)
	}
}

// A browser that connects again goes on where it was.
func TestLogsGoOn(t *testing.T) {
	o, _ := operated()
	w := newWorld(t, o)
	o.Logger.Info("seen")
	o.Logger.Info("missed")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/ui/operations/logs/live?after=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", "1")
	res, err := w.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b := make([]byte, 0, 4096)
	for !strings.Contains(string(b), "missed") {
		n, err := res.Body.Read(b[len(b):cap(b)])
		if b = b[:len(b)+n]; err != nil {
			t.Fatalf("%v after %q", err, b)
		}
	}
	if strings.Contains(string(b), "msg=seen") {
		t.Errorf("it was told again: %q", b)
	}
}

func TestVerify(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	damaged := &cairn.CorruptError{Path: "log/1" + script, Offset: 77, Position: 5, Problem: "wrong " + script, Hint: "restore it"}
	problems := []error{damaged, errors.New("the index is off")}
	for range 150 {
		problems = append(problems, damaged)
	}
	w := newWorld(t, ui.Options{Verify: func(_ context.Context, progress func(done, total int64)) (ui.Verification, error) {
		progress(45<<20, 100<<20)
		begun <- struct{}{}
		<-goOn
		return ui.Verification{Segments: 3, Bytes: 100 << 20, Events: 1234, Problems: problems}, nil
	}})
	_, page := w.get("/ui/operations/verify")
	contains(t, page, "not since the start", "Verify the store")
	if status, _ := w.post("/ui/operations/verify/start", url.Values{}); status != http.StatusSeeOther {
		t.Fatalf("start: %d", status)
	}
	<-begun
	_, page = w.get("/ui/operations/verify")
	contains(t, page, `value="45"`, "Stop", "100 MiB")
	if status, _ := w.post("/ui/operations/verify/start", url.Values{}); status != http.StatusConflict {
		t.Errorf("a second one: %d", status)
	}
	lines, _ := w.follow("/ui/operations/verify/live")
	until(t, lines, "event: state")
	until(t, lines, `value="45"`)
	close(goOn)
	until(t, lines, "152 problems")
	_, page = w.get("/ui/operations/verify")
	contains(t, page, "log/1&lt;script&gt;", "byte 77", "/ui/events/5", "restore it", "the index is off", "and 52 more", "1\u202f234")
	if strings.Contains(page, script) {
		t.Error("a problem is markup")
	}
	_, page = w.get("/ui/operations")
	contains(t, page, "152 problems")
}

func TestVerifyStops(t *testing.T) {
	begun := make(chan struct{})
	w := newWorld(t, ui.Options{Verify: func(ctx context.Context, _ func(done, total int64)) (ui.Verification, error) {
		begun <- struct{}{}
		<-ctx.Done()
		return ui.Verification{Events: 7}, ctx.Err()
	}})
	lines, _ := w.follow("/ui/operations/verify/live")
	for range 2 { // and may begin again
		w.post("/ui/operations/verify/start", url.Values{})
		<-begun
		w.post("/ui/operations/verify/stop", url.Values{})
		until(t, lines, "It was stopped.")
	}
	w.post("/ui/operations/verify/start", url.Values{})
	<-begun // and the end of the test closes it
}

// A window that is closed has ended its verification, and begins none.
func TestVerifyEndsWithTheWindow(t *testing.T) {
	begun, ended := make(chan struct{}), false
	store := newStore(t)
	h := ui.New(store, access.Open(), ui.Options{Verify: func(ctx context.Context, _ func(done, total int64)) (ui.Verification, error) {
		begun <- struct{}{}
		<-ctx.Done()
		ended = true
		return ui.Verification{}, ctx.Err()
	}})
	w := serveHandler(t, h)
	w.post("/ui/operations/verify/start", url.Values{})
	<-begun
	h.Close()
	if !ended {
		t.Error("it goes on")
	}
	if status, _ := w.post("/ui/operations/verify/start", url.Values{}); status != http.StatusServiceUnavailable {
		t.Errorf("one begins after that: %d", status)
	}
}
