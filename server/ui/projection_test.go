package ui_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/server/ui"
)

// report reports a projection as a runner does.
func (w *world) report(s projection.Status) {
	w.t.Helper()
	s.At = time.Now().UTC()
	data, err := json.Marshal(s)
	if err != nil {
		w.t.Fatal(err)
	}
	stream := projection.ReportStream(s.Projection)
	w.append(stream, cairn.Event{Type: "$projection-status", Data: data})
	if _, err := cairn.SetMetadata(w.t.Context(), w.store, stream, cairn.Any, cairn.StreamMetadata{MaxCount: 4}); err != nil {
		w.t.Fatal(err)
	}
}

// twoBuilds is a projection whose version 2 waits to be switched to.
func twoBuilds() projection.Status {
	return projection.Status{Projection: "sales", Active: 2, Previous: 1, Head: 100, Attended: true, Builds: []projection.BuildStatus{
		{Build: 1, Version: 1, Phase: projection.Warm},
		{Build: 2, Version: 2, Phase: projection.Active, ParkedKeys: 2, Parked: 3},
		{Build: 3, Version: 3, Phase: projection.Level},
	}}
}

func (w *world) posted() []projection.Posting {
	w.t.Helper()
	all, err := projection.Posted(w.t.Context(), w.store, "sales")
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestWhatAProjectionOffers(t *testing.T) {
	w := newWorld(t, ui.Options{})
	s := twoBuilds()
	w.report(s)
	_, page := w.get("/ui/projections/sales")
	contains(t, page, "Switch to build 3 now", "Roll back…", "to build 1, version 1", "Rebuild…", "Version 3 is level")
	s.Attended = false
	w.report(s)
	_, page = w.get("/ui/projections/sales")
	if strings.Contains(page, "Roll back…") {
		t.Error("it offers what nobody takes")
	}
	contains(t, page, "take no requests", "cairn projection switch")
}

// How long the oldest event waits is shown while one does.
func TestHowLongAProjectionsEventsWait(t *testing.T) {
	w := newWorld(t, ui.Options{})
	s := twoBuilds()
	w.report(s)
	_, page := w.get("/ui/projections/sales")
	if strings.Contains(page, "Oldest waits") {
		t.Error("something waits for a projection that is level")
	}
	s.Builds[1].Lag, s.Builds[1].Oldest = 5, time.Now().Add(-30*time.Hour)
	w.report(s)
	_, page = w.get("/ui/projections")
	contains(t, page, "Oldest waits", `<td class="n">30 h</td>`)
	_, page = w.get("/ui/projections/sales")
	contains(t, page, "Oldest waits")
}

// What is asked for is asked as it was seen, and shown until it is over.
func TestAskingAProjection(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.report(twoBuilds())
	status, _ := w.post("/ui/projections/sales/ask", url.Values{"what": {"switch"}, "build": {"3"}, "active": {"2"}})
	if status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	if all := w.posted(); len(all) != 1 || all[0].What != "switch" || all[0].Build != 3 || all[0].Active != 2 || all[0].By == "" {
		t.Fatalf("posted is %+v", all)
	}
	_, page := w.get("/ui/projections/sales")
	contains(t, page, "Switch to build 3: asked", `<span class="badge info">asked</span>`)
	id := w.posted()[0].ID
	said := func(kind, data string) { w.append(projection.PostStream("sales"), event(kind, fmt.Sprintf(data, id))) }
	said("$projection-taken", `{"request":%q,"by":"host-<7>"}`)
	_, page = w.get("/ui/projections/sales")
	contains(t, page, "under way", "taken by host-&lt;7&gt;")
	said("$projection-answer", `{"request":%q,"error":"readers see <b>build 3</b> now"}`)
	_, page = w.get("/ui/projections/sales")
	contains(t, page, "not done", "readers see &lt;b&gt;build 3&lt;/b&gt; now")
}

// What cannot be undone by its opposite asks first, and carries what was seen.
func TestConfirmingWhatAProjectionIsAsked(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.report(twoBuilds())
	key := base64.RawURLEncoding.EncodeToString([]byte("a<b>\x00\r\n"))
	for what, text := range map[string]string{"rollback": "Readers see build 1 again", "rebuild": "from the first event on", "skip": "never applied there"} {
		form := url.Values{"what": {what}, "build": {"1"}, "active": {"2"}, "first": {"17"}, "key": {key}}
		status, page := w.post("/ui/projections/sales/confirm", form)
		if status != http.StatusOK {
			t.Errorf("%s: status %d", what, status)
		}
		contains(t, page, text, `name="what" value="`+what+`"`, `name="build" value="1"`, `name="active" value="2"`, `name="first" value="17"`, `value="`+key+`"`, `/ui/projections/sales/ask`)
		if strings.Contains(page, "<b>") {
			t.Errorf("%s: a key is markup", what)
		}
		if len(w.posted()) > 0 {
			t.Errorf("%s was done before it was confirmed", what)
		}
	}
	if status, _ := w.post("/ui/projections/sales/confirm", url.Values{"what": {"switch"}, "build": {"3"}, "active": {"2"}}); status != http.StatusBadRequest {
		t.Errorf("switch: status %d", status)
	}
}

func TestNonsenseAskedOfAProjection(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.report(twoBuilds())
	ok := url.Values{"what": {"skip"}, "build": {"2"}, "active": {"2"}, "first": {"17"}, "key": {"a2V5"}}
	for field, value := range map[string]string{"what": "drop", "build": "-1", "active": "two", "first": "-1", "key": "%%%"} {
		form := url.Values{}
		for k, v := range ok {
			form[k] = v
		}
		form.Set(field, value)
		if status, page := w.post("/ui/projections/sales/ask", form); status != http.StatusBadRequest || !strings.Contains(page, field) {
			t.Errorf("%s=%s: status %d", field, value, status)
		}
	}
	for _, name := range []string{"none", "..%2fx", "%3Cscript%3E", strings.Repeat("x", 1000), "%ff"} {
		for _, path := range []string{"/ask", "/confirm"} {
			status, page := w.post("/ui/projections/"+name+path, ok)
			if status != http.StatusNotFound && status != http.StatusBadRequest && path == "/ask" || strings.Contains(page, "<script>") {
				t.Errorf("%.20s: status %d", name, status)
			}
		}
		if status, _ := w.get("/ui/projections/" + name + "/live"); status != http.StatusNotFound && status != http.StatusBadRequest {
			t.Errorf("%.20s: status %d", name, status)
		}
	}
	if all := w.posted(); len(all) > 0 {
		t.Errorf("posted are %+v", all)
	}
}

// Who may not write the stream of requests is offered nothing and can do nothing.
func TestWhoMayAskAProjection(t *testing.T) {
	w := newSecured(t, ui.Options{})
	w.report(twoBuilds())
	form := url.Values{"what": {"rebuild"}, "active": {"2"}}
	w.post("/ui/login", url.Values{"login": {"ops"}, "password": {"changeit"}})
	acl := cairn.StreamMetadata{MaxCount: 4, ACL: &cairn.ACL{Read: []string{"ops"}}}
	if _, err := cairn.SetMetadata(t.Context(), w.store, projection.ReportStream("sales"), cairn.Any, acl); err != nil {
		t.Fatal(err)
	}
	status, page := w.get("/ui/projections/sales")
	if status != http.StatusOK || strings.Contains(page, "<form class=\"row act\"") || !strings.Contains(page, "may operate it here") {
		t.Errorf("status %d: %s", status, page)
	}
	for _, path := range []string{"/ask", "/confirm"} {
		if status, _ := w.post("/ui/projections/sales"+path, form); status != http.StatusForbidden {
			t.Errorf("%s: status %d", path, status)
		}
	}
	acl = cairn.StreamMetadata{ACL: &cairn.ACL{Write: []string{"ops"}}}
	if _, err := cairn.SetMetadata(t.Context(), w.store, projection.PostStream("sales"), cairn.Any, acl); err != nil {
		t.Fatal(err)
	}
	if status, _ := w.post("/ui/projections/sales/ask", form); status != http.StatusSeeOther {
		t.Errorf("status %d", status)
	}
	if all := w.posted(); len(all) != 1 || all[0].By != "ops" {
		t.Errorf("posted are %+v", all)
	}
	if status, _ := newSecured(t, ui.Options{}).post("/ui/projections/sales/ask", form); status != http.StatusSeeOther {
		t.Errorf("who is not logged in gets %d", status)
	}
}

// Whatever a report says, the page is harmless and has its limits.
func TestHostileReports(t *testing.T) {
	w := newWorld(t, ui.Options{})
	s := twoBuilds()
	for i := range 500 {
		s.ParkedFirst = append(s.ParkedFirst, projection.ParkedKey{
			Build: 2, Key: fmt.Sprintf("<script>%d\x00\r\n\"'", i) + strings.Repeat("k", 2000), Reason: "<img src=x onerror=alert(1)>" + strings.Repeat("r", 5000), Events: i, First: 7,
		})
		s.Builds = append(s.Builds, projection.BuildStatus{Build: 10 + i, Version: i, Phase: "<script>", Tables: []string{"<script>"}, Error: "<script>"})
	}
	w.report(s)
	status, page := w.get("/ui/projections/sales")
	if status != http.StatusOK || strings.Contains(page, "<script>") || strings.Contains(page, "<img src=x") {
		t.Errorf("status %d", status)
	}
	if n := strings.Count(page, "Give up…"); n != 100 {
		t.Errorf("%d parked keys are shown", n)
	}
	if n := strings.Count(page, "<h2>Build "); n > 20 || len(page) > 1<<20 {
		t.Errorf("%d builds are shown in %d bytes", n, len(page))
	}
}

// A deployment is followed from the page, switched to and taken back, and its parked
// keys are applied again, by a program that runs it.
func TestOperatingAProjectionFromItsPage(t *testing.T) {
	w := newWorld(t, ui.Options{})
	var bad atomic.Bool
	of := func(version int) projection.Projection[*memtarget.Tx] {
		return projection.Projection[*memtarget.Tx]{
			Name: "sales", Version: version, Tables: []string{"sale"}, Failures: projection.ParkOnFailure,
			Handler: projection.OnEvent(func(_ context.Context, tx *memtarget.Tx, e *projection.Event) error {
				if bad.Load() {
					return projection.Park(errors.New("no rate for <CHF>"))
				}
				tx.Set(e.Name("sale"), e.Stream, version)
				return nil
			}, "order.placed"),
		}
	}
	w.append("order-1", event("order.placed", `{}`))
	target := memtarget.New()
	o := projection.DeployOptions{Manual: true, Options: projection.Options{Report: 10 * time.Millisecond}}
	w.running(func(ctx context.Context) error { return projection.Run(ctx, w.store, target, of(1), &o.Options) })
	w.reported(func(s *projection.Status) bool { return s.Active == 1 })
	w.running(func(ctx context.Context) error { return projection.Deploy(ctx, w.store, target, of(2), &o, of(1)) })
	w.reported(func(s *projection.Status) bool { b, _ := s.Build(2); return b.Phase == projection.Level })

	shows := func(text string) {
		t.Helper()
		lines, _ := w.follow("/ui/projections/sales/live") // which begins with all of the page
		until(t, lines, text)
	}
	shows("Switch to build 2 now")
	w.post("/ui/projections/sales/ask", url.Values{"what": {"switch"}, "build": {"2"}, "active": {"1"}})
	shows("readers see build 2")
	w.reported(func(s *projection.Status) bool { return s.Active == 2 && s.Previous == 1 })
	shows("Roll back…")
	w.post("/ui/projections/sales/ask", url.Values{"what": {"rollback"}, "build": {"1"}, "active": {"2"}})
	shows("readers see build 1")

	bad.Store(true)
	w.append("order-2\r\n<x>", event("order.placed", `{}`))
	shows("no rate for &lt;CHF&gt;")
	_, page := w.get("/ui/projections/sales")
	contains(t, page, "order-2\r\n&lt;x&gt;")
	bad.Store(false)
	s := w.reported(func(s *projection.Status) bool { return len(s.ParkedFirst) > 0 })
	field := base64.RawURLEncoding.EncodeToString([]byte(s.ParkedFirst[0].Key))
	contains(t, page, field)
	w.post("/ui/projections/sales/ask", url.Values{"what": {"retry"}, "active": {"1"}, "key": {field}})
	shows("1 events of 1 keys were applied")
	w.reported(func(s *projection.Status) bool { b, _ := s.Build(1); return b.ParkedKeys == 0 })
}

// running runs something until the test ends.
func (w *world) running(run func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			w.t.Error(err)
		}
	})
}

// reported waits for a report.
func (w *world) reported(ok func(s *projection.Status) bool) projection.Status {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	for e, err := range w.store.ReadStream(ctx, projection.ReportStream("sales"), cairn.ReadOptions{Follow: true}) {
		var s projection.Status
		if err == nil {
			err = json.Unmarshal(e.Data, &s)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		if ok(&s) {
			return s
		}
	}
	w.t.Fatal("it was never reported")
	return projection.Status{}
}
