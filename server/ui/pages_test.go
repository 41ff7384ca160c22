package ui_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/internal/ndjson"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui"
)

func (w *world) append(stream string, events ...cairn.Event) cairn.Receipt {
	w.t.Helper()
	at, err := w.store.Append(w.t.Context(), stream, cairn.Any, events...)
	if err != nil {
		w.t.Fatal(err)
	}
	return at
}

func event(kind, data string) cairn.Event {
	return cairn.Event{ID: cairn.NewID(), Type: kind, Data: []byte(data)}
}

// names are those of streams that paths must carry unharmed.
var names = []string{"order-1", ".", "..", "~", "~.", "a/b", "a b?c=d#e", "%2e%2e", "ö\u202eß", "<b>", `"'&`}

func TestStreamsOfAnyName(t *testing.T) {
	w := newWorld(t, ui.Options{})
	for _, name := range names {
		w.append(name, event("order.placed", `{"of":"`+url.QueryEscape(name)+`"}`))
	}
	_, list := w.get("/ui/streams")
	for _, href := range hrefs(list, "/ui/streams/") {
		status, page := w.get(href)
		if status != http.StatusOK || !strings.Contains(page, "order.placed") {
			t.Errorf("%s: %d", href, status)
		}
	}
	if got := len(hrefs(list, "/ui/streams/")); got != len(names) {
		t.Errorf("%d streams are listed, want %d", got, len(names))
	}
}

// hrefs are the links of a page that begin with something, each once.
func hrefs(page, prefix string) (all []string) {
	seen := map[string]bool{}
	for _, part := range strings.Split(page, `href="`)[1:] {
		href, _, _ := strings.Cut(part, `"`)
		href = strings.ReplaceAll(href, "&amp;", "&")
		if strings.HasPrefix(href, prefix) && !seen[href] {
			seen[href] = true
			all = append(all, href)
		}
	}
	return all
}

func TestEmptyPagesTeach(t *testing.T) {
	w := newWorld(t, ui.Options{Storage: func(context.Context) (ui.Storage, error) { return ui.Storage{}, nil }})
	for path, text := range map[string]string{
		"/ui/": "The store is empty", "/ui/streams": "No stream was written yet", "/ui/explore": "No event matches",
		"/ui/groups": "There is no group", "/ui/projections": "No projection has reported",
	} {
		status, page := w.get(path)
		if status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
		contains(t, page, text)
	}
}

func TestStreamPages(t *testing.T) {
	w := newWorld(t, ui.Options{})
	var all []cairn.Event
	for i := range 75 {
		all = append(all, event("counted", fmt.Sprintf(`{"n":%d}`, i)))
	}
	w.append("counter-1", all...)
	seen := map[string]bool{}
	path := "/ui/streams/counter-1"
	for pages := 0; path != ""; pages++ {
		if pages > 3 {
			t.Fatal("the pages do not end")
		}
		_, page := w.get(path)
		for _, href := range hrefs(page, "/ui/events/") {
			seen[href] = true
		}
		path = older(page)
	}
	if len(seen) != 75 {
		t.Errorf("the pages show %d of 75 events", len(seen))
	}
}

// older is the link to the page of older events.
func older(page string) string {
	before, _, found := strings.Cut(page, `">Older</a>`)
	if !found {
		return ""
	}
	return strings.ReplaceAll(before[strings.LastIndex(before, `"`)+1:], "&amp;", "&")
}

// hostile is data that must do a page no harm.
var hostile = map[string][]byte{
	"script":      []byte(`{"a":"<script>alert(1)</script>","</pre><script>":"</script>"}`),
	"text":        []byte(`<img src=x onerror=alert(1)>`),
	"binary":      {0, 1, 2, 0xff, 0xfe, '<', 's', '>'},
	"broken":      []byte("{\"a\":\"\xc3\x28<b>\"}"),
	"deep":        []byte(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)),
	"deep object": []byte(strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)),
	"huge":        append(append([]byte(`{"a":"`), bytes.Repeat([]byte("<b>"), 1<<20)...), `"}`...),
	"cut":         []byte(`{"a":`),
	"empty":       nil,
}

func TestHostileData(t *testing.T) {
	w := newWorld(t, ui.Options{})
	for name, data := range hostile {
		t.Run(name, func(t *testing.T) {
			at := w.append("h-1", cairn.Event{ID: cairn.NewID(), Type: "<script>t</script>", Data: data, Metadata: data, Tags: []string{`"><script>`}})
			for _, path := range []string{fmt.Sprintf("/ui/events/%d", at.Position), "/ui/streams/h-1", "/ui/explore", "/ui/"} {
				status, page := w.get(path)
				if status != http.StatusOK {
					t.Errorf("%s: %d", path, status)
				}
				// The layout's own scripts all have a source.
				if n := strings.Count(page, "<script") - strings.Count(page, `<script src="/ui/assets/`); n != 0 || strings.Contains(page, "<img src=x") {
					t.Errorf("%s holds markup of the event", path)
				}
				if len(page) > 200<<10 {
					t.Errorf("%s has %d bytes", path, len(page))
				}
			}
		})
	}
}

func TestDataIsSavedAsItIs(t *testing.T) {
	w := newWorld(t, ui.Options{})
	at := w.append("a-1", cairn.Event{ID: cairn.NewID(), Type: "t", Data: hostile["binary"]})
	res := w.send("GET", fmt.Sprintf("/ui/events/%d/data", at.Position), nil)
	if got := res.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Errorf("the browser may show it: %q", got)
	}
	if _, body := w.get(fmt.Sprintf("/ui/events/%d/data", at.Position)); body != string(hostile["binary"]) {
		t.Errorf("saved %q", body)
	}
}

func TestCausation(t *testing.T) {
	w := newWorld(t, ui.Options{})
	first := cairn.Event{ID: cairn.NewID(), Type: "order.placed", Metadata: []byte(`{"$correlationId":"c-7"}`)}
	w.append("order-1", first)
	at := w.append("payment-1", cairn.Event{ID: cairn.NewID(), Type: "payment.received", Metadata: fmt.Appendf(nil, `{"$correlationId":"c-7","$causationId":%q}`, first.ID)})
	_, page := w.get(fmt.Sprintf("/ui/events/%d", at.Position))
	contains(t, page, "2 events in 2 streams", "payment.received, payment-1", "order.placed, order-1", `class="edge"`, "correlation=c-7")
	_, page = w.get("/ui/explore?correlation=c-7")
	if got := len(hrefs(page, "/ui/events/")); got != 2 {
		t.Errorf("the correlation has %d events, want 2", got)
	}
}

func TestExplore(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.append("order-1", event("order.placed", `{"customer":{"name":"ann"},"total":12}`), event("order.paid", `{}`))
	w.append("order-2", event("order.placed", `{"customer":{"name":"bob"}}`))
	for query, want := range map[string]int{
		"": 3, "type=order.placed": 2, "type=order.placed,order.paid": 3, "category=order": 3, "category=none": 0, "field=customer.name&value=ann": 1, "field=customer": 2,
		"field=total&value=12": 1, "field=total.of": 0, "since=2099-01-01": 0, "until=2000-01-01": 0, "since=2000-01-01T00:00&type=order.paid": 1, "tag=none": 0,
	} {
		status, page := w.get("/ui/explore?" + query)
		if got := len(hrefs(page, "/ui/events/")); status != http.StatusOK || got != want {
			t.Errorf("%q: %d, %d events, want %d", query, status, got, want)
		}
		_, lines := w.get("/ui/explore/export?" + query)
		if got := strings.Count(lines, "\n"); got != want {
			t.Errorf("export of %q: %d lines, want %d", query, got, want)
		}
		for line := range strings.Lines(lines) {
			if _, err := ndjson.Decode([]byte(strings.TrimSpace(line))); err != nil {
				t.Errorf("what is exported could not be imported: %v in %s", err, line)
			}
		}
	}
}

func TestBadRequestsAreNamed(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.append("a-1", event("t", `{}`))
	for path, field := range map[string]string{
		"/ui/explore?before=x": "before", "/ui/explore?since=soon": "since", "/ui/explore/export?until=soon": "until", "/ui/streams?after=-1": "after", "/ui/streams/a-1?to=x": "to",
		"/ui/streams/a-1?at=later": "at", "/ui/events/x": "position", "/ui/explore?tag=" + strings.Repeat("x", 600): "tag",
	} {
		status, page := w.get(path)
		if status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, status)
		}
		contains(t, strings.ToLower(page), field)
	}
	for _, path := range []string{"/ui/events/99", "/ui/events/0", "/ui/streams/none", "/ui/groups/none", "/ui/projections/none"} {
		if status, _ := w.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestStreamActs(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.append("a-1", event("t", `{}`), event("t", `{}`))
	status, _ := w.post("/ui/streams/a-1/append", url.Values{"type": {"u"}, "data": {`{"x":1}`}, "expected": {"1"}})
	if status != http.StatusSeeOther {
		t.Fatalf("append: %d", status)
	}
	if _, page := w.get("/ui/streams/a-1"); !strings.Contains(page, "Appended at revision 2") {
		t.Errorf("nothing says what was done:\n%s", page)
	}
	if status, _ = w.post("/ui/streams/a-1/append", url.Values{"type": {"u"}, "expected": {"1"}}); status != http.StatusConflict {
		t.Errorf("append to what was not seen: %d", status)
	}
	if status, _ = w.post("/ui/streams/a-1/append", url.Values{"type": {"u"}, "data": {"{"}, "expected": {"2"}}); status != http.StatusBadRequest {
		t.Errorf("append of what is no JSON: %d", status)
	}
	_, page := w.get("/ui/streams/a-1/truncate?before=2")
	contains(t, page, "before revision 2 are read no more")
	w.post("/ui/streams/a-1/truncate", url.Values{"before": {"2"}})
	if got := len(read(t, w, "a-1")); got != 1 {
		t.Errorf("%d events after truncating, want 1", got)
	}
	_, page = w.get("/ui/streams/a-1/delete")
	contains(t, page, "Delete the stream a-1?", "Leave it")
	if got := len(read(t, w, "a-1")); got != 1 {
		t.Errorf("asking has deleted")
	}
	if status, _ = w.post("/ui/streams/a-1/delete", url.Values{"expected": {"2"}}); status != http.StatusSeeOther || len(read(t, w, "a-1")) != 0 {
		t.Errorf("delete: %d", status)
	}
}

func read(t *testing.T, w *world, stream string) (all []cairn.Recorded) {
	t.Helper()
	for e, err := range w.store.ReadStream(t.Context(), stream, cairn.ReadOptions{}) {
		if errors.Is(err, cairn.ErrStreamDeleted) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func TestRolesDecide(t *testing.T) {
	w := newSecured(t, ui.Options{})
	if err := w.access.Users().Create(t.Context(), access.User{Login: "ann", FullName: "Ann"}, "secret"); err != nil {
		t.Fatal(err)
	}
	w.append("open-1", event("t", `{}`))
	w.append("closed-1", event("t", `{}`))
	acl := cairn.StreamMetadata{ACL: &cairn.ACL{Read: []string{"ann"}, Write: []string{"$admins"}, Delete: []string{"$admins"}, MetaWrite: []string{"$admins"}}}
	if _, err := cairn.SetMetadata(t.Context(), w.store, "open-1", cairn.Any, acl); err != nil {
		t.Fatal(err)
	}
	acl.ACL.Read = []string{"$admins"}
	if _, err := cairn.SetMetadata(t.Context(), w.store, "closed-1", cairn.Any, acl); err != nil {
		t.Fatal(err)
	}
	w.post("/ui/login", url.Values{"login": {"ann"}, "password": {"secret"}})
	status, page := w.get("/ui/streams/open-1")
	if status != http.StatusOK || strings.Contains(page, "Append an event") || strings.Contains(page, "Delete…") || strings.Contains(page, "Truncate…") {
		t.Errorf("what she may read: %d, and offers what she may not do", status)
	}
	for _, path := range []string{"/ui/streams/closed-1", "/ui/streams", "/ui/explore", "/ui/groups", "/ui/explore/export", "/ui/explore/live", "/ui/streams/closed-1/live"} {
		if status, _ := w.get(path); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, path := range []string{"/ui/streams/open-1/append", "/ui/streams/open-1/delete", "/ui/streams/open-1/truncate"} {
		if status, _ := w.post(path, url.Values{"type": {"t"}, "expected": {"0"}, "before": {"1"}}); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	if len(read(t, w, "open-1")) != 1 {
		t.Error("what was refused was done")
	}
}

func TestParkedKeys(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.append("order-1", event("order.placed", `{}`))
	w.append("order-2", event("order.placed", `{}`))
	park(t, w, 2)
	_, page := w.get("/ui/groups/mailer")
	contains(t, page, "parked", "no address", "order-1", "Replay", "Give up…")
	_, page = w.get("/ui/")
	contains(t, page, "mailer", `badge bad`)
	_, page = w.post("/ui/groups/mailer/drop/ask", url.Values{"key": {"order-1"}})
	contains(t, page, "Give up what is parked under order-1?")
	if status, _ := w.post("/ui/groups/mailer/drop", url.Values{"key": {"order-1"}}); status != http.StatusSeeOther {
		t.Errorf("drop: %d", status)
	}
	if status, _ := w.post("/ui/groups/mailer/replay", url.Values{"key": {"order-2"}}); status != http.StatusSeeOther {
		t.Errorf("replay: %d", status)
	}
	keys, err := group.Parked(t.Context(), w.store, "mailer")
	if err != nil || len(keys) != 1 || keys[0].Key != "order-2" || !keys[0].Replaying {
		t.Errorf("left are %+v, %v", keys, err)
	}
	if status, _ := w.post("/ui/groups/mailer/replay", url.Values{"key": {"nobody"}}); status != http.StatusNotFound {
		t.Errorf("replay of what is not parked: %d", status)
	}
}

// park runs a group until it has parked so many events.
func park(t *testing.T, w *world, events int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var left atomic.Int64
	left.Store(int64(events))
	o := group.Options{Attempts: 1, OnParked: func(*cairn.Recorded, int, error) {
		if left.Add(-1) == 0 {
			stop()
		}
	}}
	err := group.Run(ctx, w.store, "mailer", o, func(context.Context, cairn.Recorded) error { return group.Park(errors.New("no address")) })
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
