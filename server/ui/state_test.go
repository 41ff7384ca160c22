package ui_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui"
)

// appendAll appends events with some data to a stream.
func (w *world) appendAll(stream string, data ...string) {
	w.t.Helper()
	for _, d := range data {
		w.append(stream, event("t", d))
	}
}

func TestState(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.appendAll("order-1", `{"customer":"ann","lines":[1]}`, `{"lines":[1,2]}`, `[1]`, `{"customer":null,"paid":true}`)
	for query, want := range map[string][]string{
		"":             {"State at revision 3", "removed", "/customer", "added", "/paid", "3 events are folded", "1 event is not folded", "not a JSON object"},
		"?at=1":        {"State at revision 1", "changed", "/lines", "<summary>How", `state?at=0"`, `state?at=2"`},
		"?at=2":        {"Nothing.", ">1</a> to 2"},
		"?at=0":        {"from nothing", "/customer", "nothing before"},
		"?at=3&from=0": {"removed", "/customer", "changed", "/lines", "added", "/paid", "from=0", "state?at=2&amp;from=0"},
		"?at=0&from=3": {"State at revision 3"},
		"?at=99":       {"State at revision 3"},
		"?since=3":     {"1 event is folded, from revision 3", "state?at=2&amp;since=3"},
	} {
		status, page := w.get("/ui/streams/order-1/state" + query)
		if status != http.StatusOK {
			t.Errorf("%q: %d", query, status)
		}
		contains(t, page, want...)
	}
}

// TestStateBlames links what changed to the event that did it.
func TestStateBlames(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.append("other-1", event("t", `{}`))
	w.appendAll("a-1", `{"x":1,"y":1}`, `{"x":2}`, `{"z":1}`)
	_, page := w.get("/ui/streams/a-1/state?from=0")
	contains(t, page, `by revision <a href="/ui/events/3">1</a>`, `by revision <a href="/ui/events/4">2</a>`)
	_, state, _ := strings.Cut(page, `class="blame"`)
	for _, line := range []string{
		`<tr><td class="n fit"><a href="/ui/events/2">0</a></td><td><code>  <span class="k">&#34;y&#34;</span>`,
		`<tr class="this"><td class="n fit"><a href="/ui/events/3">1</a></td><td><code>  <span class="k">&#34;x&#34;</span>`,
	} {
		contains(t, state, line)
	}
}

// TestStateOfHiddenEvents folds what can be read.
func TestStateOfHiddenEvents(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.appendAll("a-1", `{"x":1}`, `{"y":1}`, `{"z":1}`)
	w.post("/ui/streams/a-1/truncate", url.Values{"before": {"1"}})
	_, page := w.get("/ui/streams/a-1/state")
	contains(t, page, "2 events are folded, from revision 1")
	_, page = w.get("/ui/streams/a-1/state?at=0")
	contains(t, page, "State at revision 1", "from nothing")
	w.post("/ui/streams/a-1/truncate", url.Values{"before": {"3"}})
	if status, _ := w.get("/ui/streams/a-1/state"); status != http.StatusNotFound {
		t.Errorf("of what is all hidden: %d", status)
	}
	for _, query := range []string{"at=x", "at=-1", "from=x", "since=1.5"} {
		w.append("b-1", event("t", `{}`))
		if status, page := w.get("/ui/streams/b-1/state?" + query); status != http.StatusBadRequest || !strings.Contains(page, query[:strings.IndexByte(query, '=')]) {
			t.Errorf("%s: %d", query, status)
		}
	}
	if status, _ := w.get("/ui/streams/none/state"); status != http.StatusNotFound {
		t.Errorf("of no stream: %d", status)
	}
}

// TestStateIsBounded folds no more than a page bears and says so.
func TestStateIsBounded(t *testing.T) {
	w := newWorld(t, ui.Options{})
	var many []cairn.Event
	for i := range 5100 {
		many = append(many, event("t", fmt.Sprintf(`{"n%d":%d}`, i, i)))
	}
	w.append("many-1", many...)
	_, page := w.get("/ui/streams/many-1/state?from=2")
	contains(t, page, "Older events are left out", "from revision 100.", "These are the first 100 of 5", "It has more lines")
	_, page = w.get("/ui/streams/many-1/state?at=4000")
	if strings.Contains(page, "left out") {
		t.Error("it says that events are left out")
	}
	large := `"` + strings.Repeat("x", 700<<10) + `"`
	w.appendAll("large-1", `{"a":`+large+`}`, `{"b":`+large+`}`, `{"c":1}`)
	_, page = w.get("/ui/streams/large-1/state")
	contains(t, page, "After revision 1 the state had more than 1 MiB", "1.4 MiB")
	if strings.Contains(page, `&#34;c&#34;`) || len(page) > 200<<10 {
		t.Errorf("it goes on after that, or has %d bytes", len(page))
	}
	var b []string
	for range 8 {
		b = append(b, `{"a":`+large+`}`)
	}
	w.appendAll("heavy-1", b...)
	_, page = w.get("/ui/streams/heavy-1/state")
	contains(t, page, "Older events are left out", "5 events are folded, from revision 3")
}

func TestHostileState(t *testing.T) {
	w := newWorld(t, ui.Options{})
	for name, data := range hostile {
		w.append("h-1", cairn.Event{ID: cairn.NewID(), Type: "<script>" + name, Data: data})
	}
	w.append("h-1", event("t", `{"</code><script>":"<script>","\u0000":{"'\"":[{"<b>":null}]}}`))
	for _, path := range []string{"/ui/streams/h-1/state", "/ui/streams/h-1/state?from=0", "/ui/streams/h-1/state?at=3&from=0&since=1"} {
		status, page := w.get(path)
		if n := strings.Count(page, "<script") - strings.Count(page, `<script src="/ui/assets/`); n != 0 || status != http.StatusOK || strings.Contains(page, "<b>") {
			t.Errorf("%s: %d, markup of events %d times", path, status, n)
		}
		if len(page) > 200<<10 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
	}
	for _, name := range names {
		w.append(name, event("t", `{"a":1}`), event("t", `{"a":2}`))
		_, page := w.get(hrefTo(t, w, name))
		step := hrefs(page, "/ui/streams/")
		found := false
		for _, href := range step {
			if strings.HasSuffix(href, "/state?at=0") {
				status, page := w.get(href)
				found = status == http.StatusOK && strings.Contains(page, "<code>/a</code>")
			}
		}
		if !found {
			t.Errorf("%q: no step leads back: %q", name, step)
		}
	}
}

// hrefTo is where the page of a stream links to its state.
func hrefTo(t *testing.T, w *world, stream string) string {
	t.Helper()
	_, list := w.get("/ui/streams")
	for _, href := range hrefs(list, "/ui/streams/") {
		if _, page := w.get(href); strings.Contains(page, "<h1>"+html.EscapeString(stream)+"</h1>") {
			for _, href := range hrefs(page, "/ui/streams/") {
				if strings.Contains(href, "/state?at=") {
					return href
				}
			}
		}
	}
	t.Fatalf("the page of %q does not link to its state", stream)
	return ""
}

func TestStateIsForReaders(t *testing.T) {
	w := newSecured(t, ui.Options{})
	if err := w.access.Users().Create(t.Context(), access.User{Login: "ann", FullName: "Ann"}, "secret"); err != nil {
		t.Fatal(err)
	}
	w.append("open-1", event("t", `{"a":1}`))
	at := w.append("closed-1", event("t", `{"a":1}`), event("t", `{"a":2}`))
	for stream, reader := range map[string]string{"open-1": "ann", "closed-1": "$admins"} {
		acl := cairn.StreamMetadata{ACL: &cairn.ACL{Read: []string{reader}}}
		if _, err := cairn.SetMetadata(t.Context(), w.store, stream, cairn.Any, acl); err != nil {
			t.Fatal(err)
		}
	}
	if status, _ := w.get("/ui/streams/open-1/state"); status != http.StatusSeeOther {
		t.Errorf("a stranger: %d", status)
	}
	w.post("/ui/login", url.Values{"login": {"ann"}, "password": {"secret"}})
	if status, page := w.get("/ui/streams/open-1/state"); status != http.StatusOK || !strings.Contains(page, "&#34;a&#34;") {
		t.Errorf("who may read: %d", status)
	}
	for _, path := range []string{"/ui/streams/closed-1/state", fmt.Sprintf("/ui/events/%d", at.Position)} {
		if status, page := w.get(path); status != http.StatusForbidden || strings.Contains(page, "&#34;a&#34;") {
			t.Errorf("who may not, %s: %d", path, status)
		}
	}
}

// TestNeighboursInTheStream steps from event to event of a stream among others.
func TestNeighboursInTheStream(t *testing.T) {
	w := newWorld(t, ui.Options{})
	for i := range 12 {
		w.appendAll("a-1", fmt.Sprintf(`{"n":%d}`, i))
		w.appendAll("b-1", `{}`)
	}
	_, page := w.get("/ui/events/11")
	contains(t, page, `rel="prev" title="Arrow left" href="/ui/events/9"`, `rel="next" title="Arrow right" href="/ui/events/13"`, "/ui/streams/a-1/state?at=5")
	_, siblings, _ := strings.Cut(page, "Around it in its stream")
	siblings, _, _ = strings.Cut(siblings, "</table>")
	if got := hrefs(siblings, "/ui/events/"); len(got) != 9 || got[0] != "/ui/events/3" || got[8] != "/ui/events/19" {
		t.Errorf("around it are %q", got)
	}
	_, page = w.get("/ui/events/1")
	if strings.Contains(page, `rel="prev"`) || !strings.Contains(page, `rel="next" title="Arrow right" href="/ui/events/3"`) {
		t.Error("the first has one before it, or none after it")
	}
	_, page = w.get("/ui/events/23")
	if strings.Contains(page, `rel="next"`) || !strings.Contains(page, `rel="prev"`) {
		t.Error("the last has one after it, or none before it")
	}
	w.post("/ui/streams/a-1/delete", url.Values{"expected": {"11"}})
	if status, page := w.get("/ui/events/11"); status != http.StatusOK || strings.Contains(page, `rel="prev"`) {
		t.Errorf("of a deleted stream: %d", status)
	}
	if _, err := cairn.TombstoneStream(t.Context(), w.store, "b-1", cairn.Any); err != nil {
		t.Fatal(err)
	}
	info, err := w.store.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []cairn.Position{2, info.Head} {
		if status, _ := w.get(fmt.Sprintf("/ui/events/%d", at)); status != http.StatusOK {
			t.Errorf("event %d of a closed stream: %d", at, status)
		}
	}
}
