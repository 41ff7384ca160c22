package ui_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"context"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/server/ui"
)

// firstSample is the first one that a page is sent as it is taken.
func firstSample(t *testing.T, w *world) map[string][]*float64 {
	t.Helper()
	lines, status := w.follow("/ui/overview/live")
	if status != http.StatusOK {
		t.Fatalf("live: %d", status)
	}
	for line := range lines {
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			return columns(t, text)
		}
	}
	t.Fatal("the feed ended without a sample")
	return nil
}

func columns(t *testing.T, text string) (all map[string][]*float64) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return all
}

func TestSeries(t *testing.T) {
	w := newWorld(t, ui.Options{Gatherer: telemetry.New(telemetry.Options{}).Registry()})
	w.append("order-1", event("order.placed", `{}`))
	sample := firstSample(t, w)
	if at, head := sample["at"], sample["head"]; len(at) != 1 || len(head) != 1 || head[0] == nil || *head[0] < 1 || sample["memory"][0] == nil {
		t.Fatalf("the first sample is %v", sample)
	}
	_, text := w.get("/ui/overview/series")
	all := columns(t, text)
	for name, column := range all {
		if len(column) != len(all["at"]) {
			t.Errorf("%s has %d values for %d moments", name, len(column), len(all["at"]))
		}
	}
	for since, want := range map[string]int{"0": len(all["at"]), "-9223372036854775808": len(all["at"]), fmt.Sprint(time.Now().Add(time.Hour).UnixMilli()): 0, "9223372036854775807": 0} {
		if _, text := w.get("/ui/overview/series?since=" + since); len(columns(t, text)["at"]) < want || want == 0 && len(columns(t, text)["at"]) > 0 {
			t.Errorf("since %s: %s", since, text)
		}
	}
	for _, since := range []string{"x", "1.5", "9223372036854775808", "<script>", strings.Repeat("9", 1000)} {
		status, page := w.get("/ui/overview/series?since=" + url.QueryEscape(since))
		if status != http.StatusBadRequest || strings.Contains(page, "<script>") && since == "<script>" {
			t.Errorf("since %q: %d", since, status)
		}
	}
}

func TestSeriesAreForUsers(t *testing.T) {
	w := newSecured(t, ui.Options{})
	for _, path := range []string{"/ui/overview/series", "/ui/overview/live", "/ui/overview/now"} {
		if status, _ := w.get(path); status == http.StatusOK {
			t.Errorf("%s is for anybody", path)
		}
	}
	if err := w.access.Users().Create(t.Context(), access.User{Login: "ann", FullName: "Ann"}, "secret"); err != nil {
		t.Fatal(err)
	}
	w.append("hidden-1", event("hidden.type", `{}`))
	w.post("/ui/login", url.Values{"login": {"ann"}, "password": {"secret"}})
	for _, path := range []string{"/ui/overview/series", "/ui/overview/now"} {
		if status, _ := w.get(path); status != http.StatusOK {
			t.Errorf("%s: %d for a user", path, status)
		}
	}
	_, page := w.get("/ui/")
	contains(t, page, "The server is well")
	if strings.Contains(page, "All is well") || strings.Contains(page, "hidden-1") {
		t.Error("the page says what the user may not see")
	}
}

func TestOverviewWithoutMetrics(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.append("order-1", event("order.placed", `{}`))
	_, page := w.get("/ui/")
	contains(t, page, "All is well", `data-now="written"`, "order-1")
	for _, text := range []string{`data-now="memory"`, `data-now="read"`, "Busiest", "Free"} {
		if strings.Contains(page, text) {
			t.Errorf("the page holds %q, which nobody knows", text)
		}
	}
}

func TestOverviewSaysWhatIsWrong(t *testing.T) {
	logs := &ui.Logs{}
	w := newWorld(t, ui.Options{Logs: logs, Storage: func(context.Context) (ui.Storage, error) {
		return ui.Storage{FreeBytes: 1 << 20, Categories: []ui.Count{{Name: "<script>x", Events: 7}, {Name: "$system", Events: 9}}}, nil
	}})
	w.append("order-1", event("order.placed", `{}`))
	park(t, w, 1)
	fmt.Fprintf(logs, "time=%s level=ERROR msg=broken\n", time.Now().Format(time.RFC3339Nano))
	fmt.Fprintf(logs, "time=%s level=INFO msg=\"time=x level=ERROR\"\n", time.Now().Format(time.RFC3339Nano))
	fmt.Fprintf(logs, "time=2020-01-01T00:00:00Z level=ERROR msg=old\n{\"time\":\"x\",\"level\":\"ERROR\"}\n")
	fmt.Fprint(logs, "level=ERROR")
	for _, path := range []string{"/ui/", "/ui/overview/now"} {
		_, page := w.get(path)
		contains(t, page, "1.0 MiB are free", "1 error in the last quarter", `href="/ui/groups/mailer">Group mailer`, "1 key parked", "&lt;script&gt;x")
		if strings.Contains(page, "is well") || strings.Contains(page, "<script>x") || strings.Contains(page, "$system") {
			t.Errorf("%s: %s", path, page)
		}
	}
}

// TestBusiest: those of which events come are before those that are larger.
func TestBusiest(t *testing.T) {
	var w *world
	w = newWorld(t, ui.Options{Storage: func(ctx context.Context) (ui.Storage, error) {
		st, err := w.store.Stats(ctx)
		s := ui.Storage{FreeBytes: -1}
		for _, c := range st.Categories {
			s.Categories = append(s.Categories, ui.Count{Name: c.Name, Events: c.Events})
		}
		return s, err
	}})
	for range 9 {
		w.append("large-1", event("t", `{}`))
	}
	firstSample(t, w)
	w.append("busy-1", event("t", `{}`), event("t", `{}`))
	_, page := w.get("/ui/")
	_, list, _ := strings.Cut(page, "Busiest categories")
	if strings.Index(list, ">busy<") > strings.Index(list, ">large<") || !strings.Contains(list, "/s</td>") {
		t.Errorf("the list is %.2000s", list)
	}
}

// TestOverviewIsBounded: however much is wrong, and however many categories there are.
func TestOverviewIsBounded(t *testing.T) {
	var many []ui.Count
	for i := range 10_000 {
		many = append(many, ui.Count{Name: fmt.Sprintf("category%d", i), Events: 1})
	}
	w := newWorld(t, ui.Options{Storage: func(context.Context) (ui.Storage, error) {
		return ui.Storage{FreeBytes: -1, Categories: many, Types: many}, nil
	}})
	w.append("a-1", cairn.Event{ID: cairn.NewID(), Type: "t"})
	if _, page := w.get("/ui/"); len(page) > 40<<10 {
		t.Errorf("the page has %d bytes", len(page))
	}
}
