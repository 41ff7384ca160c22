package ui_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui"
)

// What the tests' saga hears and says.
type (
	heard  interface{ of() string }
	placed struct{ Order string }
	packed struct{ Order string }
	refuse struct{ Order string }
	lapsed struct{}
	closed struct{ Order string }

	said   interface{ said() }
	pack   struct{}
	unpack struct{}
)

func (e placed) of() string { return e.Order }
func (e packed) of() string { return e.Order }
func (e refuse) of() string { return e.Order }
func (lapsed) of() string   { return "" }
func (e closed) of() string { return e.Order }
func (pack) said()          {}
func (unpack) said()        {}

// shipping is a saga that fails for orders that are called bad.
func shipping() saga.Definition[int, heard, said] {
	return saga.Definition[int, heard, said]{
		Name:      "shipping",
		Events:    codec.JSON(codec.Types[heard]{"order.placed": placed{}, "order.packed": packed{}, "order.refused": refuse{}, "order.lapsed": lapsed{}, "order.closed": closed{}}),
		Commands:  codec.JSON(codec.Types[said]{"stock.pack": pack{}, "stock.unpack": unpack{}}),
		Correlate: func(e heard, _ *cairn.Recorded) string { return e.of() },
		Starts:    func(e heard) bool { _, ok := e.(placed); return ok },
		Evolve:    func(n int, _ heard) int { return n + 1 },
		Decide: func(now saga.Situation[int], e heard) (d saga.Decision[heard, said], err error) {
			switch e.(type) {
			case placed:
				if strings.HasPrefix(now.ID, "bad") {
					return d, group.Park(errors.New("no <b>address</b>"))
				}
				d.Send, d.Undo = saga.To[said]("stock-1", pack{}), saga.To[said]("stock-1", unpack{})
				d.After = []saga.Timer[heard]{{Name: "patience", After: time.Hour, Event: lapsed{}}}
			case packed:
				d.Cancel = []string{"patience"}
			case refuse:
				d.Compensate = "nobody is <i>there</i>"
			case closed:
				d.End = true
			}
			return d, nil
		},
	}
}

// told runs the saga until it has handled or parked all that was said to orders.
func (w *world) told(all ...heard) {
	w.t.Helper()
	d := shipping()
	for _, e := range all {
		r, err := d.Events.Encode(e)
		if err != nil {
			w.t.Fatal(err)
		}
		w.append("order-"+cairn.NewID().String(), r)
	}
	ctx, stop := context.WithTimeout(w.t.Context(), time.Minute)
	defer stop()
	var left sync.WaitGroup
	left.Add(len(all))
	o := saga.Options{Group: group.Options{Attempts: 1, Partitions: 4}}
	o.Group.OnSettled = func(*cairn.Recorded, int) { left.Done() }
	o.Group.OnParked = func(*cairn.Recorded, int, error) { left.Done() }
	ended := make(chan error, 1)
	go func() { ended <- saga.Run(ctx, w.store, d, o) }()
	left.Wait()
	stop()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		w.t.Fatal(err)
	}
}

func TestSagaPages(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.told(placed{"1"}, placed{"2"}, placed{"3"}, placed{"bad-4"})
	w.told(packed{"1"}, refuse{"2"}, closed{"3"})
	_, page := w.get("/ui/sagas")
	contains(t, page, "shipping", "badge bad", "parked", "1 going back")
	_, page = w.get("/ui/sagas/shipping")
	contains(t, page, `/ui/sagas/shipping/1"`, `/ui/sagas/shipping/2"`, "bad-4", "Ended lately", `/ui/sagas/shipping/3"`, "no &lt;b&gt;address", "nobody is &lt;i&gt;there", "compensating")
	if strings.Index(page, "bad-4") > strings.Index(page, `/ui/sagas/shipping/1"`) {
		t.Error("what is parked is not first")
	}
	_, page = w.get("/ui/sagas/shipping?stuck=on")
	if got := hrefs(page, "/ui/sagas/shipping/"); len(got) != 1 || got[0] != "/ui/sagas/shipping/bad-4" {
		t.Errorf("in need are %q", got)
	}
	_, page = w.get("/ui/sagas/shipping/2")
	contains(t, page, "order.placed", "sends <code>stock.pack</code>", "would be undone by <code>stock.unpack</code>", "sets the timer <code>patience</code>",
		"goes back", "undoes: <code>stock.unpack</code>", "cancels the timer <code>patience</code>", "/ui/streams/saga-shipping-2", "correlation=", `class="strip"`)
	_, page = w.get("/ui/sagas/shipping/3")
	contains(t, page, "ends", "Took")
	for path, status := range map[string]int{
		"/ui/sagas/shipping/none": 404, "/ui/sagas/none": 404, "/ui/sagas/none/1": 404, "/ui/sagas/a-b/1": 400, "/ui/sagas/shipping?from=x": 400,
		"/ui/sagas/shipping?id=3": 303, "/ui/sagas/shipping?id=bad": 200, "/ui/sagas/shipping?from=99999999999": 200, "/ui/sagas/shipping/" + strings.Repeat("x", 300): 400,
	} {
		if got, _ := w.get(path); got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
	_, page = w.get("/ui/")
	contains(t, page, `href="/ui/sagas/shipping"`)
}

// What is parked of an instance is replayed and given up from its own page, and
// there one is afterwards.
func TestParkedInstance(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.told(placed{"bad-1"}, placed{"bad/../2"})
	_, page := w.get("/ui/sagas/shipping/bad-1")
	contains(t, page, "no &lt;b&gt;address", "Replay", "Give up…", "It has not started")
	form := url.Values{"key": {"bad-1"}, "instance": {"bad-1"}}
	res := w.send("POST", "/ui/groups/saga-shipping/replay", form)
	if got := res.Header.Get("Location"); got != "/ui/sagas/shipping/bad-1" {
		t.Errorf("replaying leads to %q", got)
	}
	_, page = w.get("/ui/sagas/shipping/bad-1")
	contains(t, page, "replaying", "is handled again")
	form = url.Values{"key": {"bad/../2"}, "instance": {"bad/../2"}}
	_, page = w.post("/ui/groups/saga-shipping/drop/ask", form)
	contains(t, page, `name="instance" value="bad/../2"`)
	if status, _ := w.post("/ui/groups/saga-shipping/drop", form); status != http.StatusSeeOther {
		t.Errorf("giving up: %d", status)
	}
	if status, _ := w.get("/ui/sagas/shipping/bad%2F..%2F2"); status != http.StatusNotFound {
		t.Errorf("what was given up: %d", status)
	}
	res = w.send("POST", "/ui/groups/saga-shipping/replay", url.Values{"key": {"bad-1"}, "instance": {"//evil.example"}})
	if got := res.Header.Get("Location"); strings.HasPrefix(got, "//") {
		t.Errorf("one is sent to %q", got)
	}
}

func TestInstancesOfAnyID(t *testing.T) {
	w := newWorld(t, ui.Options{})
	var all []heard
	for _, name := range names {
		all = append(all, placed{name})
	}
	w.told(all...)
	_, list := w.get("/ui/sagas/shipping")
	links := hrefs(list, "/ui/sagas/shipping/")
	if len(links) != len(names) {
		t.Errorf("%d instances are listed, want %d", len(links), len(names))
	}
	for _, href := range links {
		if status, page := w.get(href); status != http.StatusOK || !strings.Contains(page, "stock.pack") || strings.Contains(page, "<b>") {
			t.Errorf("%s: %d", href, status)
		}
	}
}

// However many instances there are, a page shows a hundred, and the pages all.
func TestManyInstances(t *testing.T) {
	w := newWorld(t, ui.Options{})
	var all []heard
	for i := range 250 {
		all = append(all, placed{fmt.Sprintf("o%03d", i)})
	}
	w.told(all...)
	seen := map[string]bool{}
	path, n := "/ui/sagas/shipping", 0
	for ; path != "" && n < 10; n++ {
		_, page := w.get(path)
		links := hrefs(page, "/ui/sagas/shipping/")
		if len(links) > 100 {
			t.Errorf("%d instances on a page", len(links))
		}
		for _, href := range links {
			seen[href] = true
		}
		path = link(page, "Further ones")
	}
	if len(seen) != 250 || n != 3 {
		t.Errorf("%d pages show %d of 250 instances", n, len(seen))
	}
}

// link is where a link of a text leads.
func link(page, text string) string {
	before, _, found := strings.Cut(page, `">`+text+`</a>`)
	if !found {
		return ""
	}
	return strings.ReplaceAll(before[strings.LastIndex(before, `"`)+1:], "&amp;", "&")
}

// A history that somebody has written into is shown as what it is, and harms no
// other instance.
func TestABrokenHistory(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.told(placed{"1"}, placed{"2"})
	w.append("saga-shipping-1", event("saga.stepped", `{"instance":"<script>"}`))
	status, page := w.get("/ui/sagas/shipping")
	if status != http.StatusOK {
		t.Fatalf("%d: %s", status, page)
	}
	contains(t, page, "cannot be read", `/ui/sagas/shipping/2"`)
}

func TestSagaRoles(t *testing.T) {
	w := newSecured(t, ui.Options{})
	if err := w.access.Users().Create(t.Context(), access.User{Login: "ann", FullName: "Ann"}, "secret"); err != nil {
		t.Fatal(err)
	}
	w.told(placed{"bad-1"})
	w.post("/ui/login", url.Values{"login": {"ann"}, "password": {"secret"}})
	for _, path := range []string{"/ui/sagas", "/ui/sagas/shipping", "/ui/timers"} {
		if status, _ := w.get(path); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	if _, page := w.get("/ui/sagas/shipping/bad-1"); strings.Contains(page, "Replay</button>") {
		t.Error("she is offered what she may not do")
	}
}
