package ui_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui"
)

// takePart runs a group until it has handled an event.
func takePart(t *testing.T, w *world, name string, o group.Options) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o.Partitions = 2
	_ = group.Run(ctx, w.store, name, o, func(context.Context, cairn.Recorded) error {
		stop()
		return nil
	})
}

func TestMapTeachesWhereThereIsNothing(t *testing.T) {
	w := newWorld(t, ui.Options{})
	status, page := w.get("/ui/map")
	if status != http.StatusOK {
		t.Fatalf("%d", status)
	}
	contains(t, page, "There is nothing on the map yet", `aria-current="page"`)
}

func TestMapDrawsWhoWritesReadsAndTells(t *testing.T) {
	w := newWorld(t, ui.Options{})
	first := cairn.Event{ID: cairn.NewID(), Type: "order.placed"}
	w.append("order-1", first)
	w.append("payment-1", cairn.Event{ID: cairn.NewID(), Type: "payment.asked", Metadata: fmt.Appendf(nil, `{"$causationId":%q}`, first.ID)})
	takePart(t, w, "relay", group.Options{Query: cairn.ByCategory("order"), About: component.About{
		Kind: "relay", Service: "orders", Via: "nats", Tells: []string{"shop.orders"}, Writes: []string{"payment"},
	}})
	about := component.About{Kind: "subscriber", Service: "billing", Via: "nats", Hears: []string{"shop.orders"}, Writes: []string{"invoice"}}
	if err := component.Note(t.Context(), w.store, "billing-hears", about); err != nil {
		t.Fatal(err)
	}
	_, page := w.get("/ui/map")
	contains(t, page, "subscriber · nats", "shop.orders", "via nats", "invoice", "nothing yet", `class="way reads w1 moves"`,
		`class="way writes w1 moves"`, `class="way tells w`, `class="way hears w0"`, "of 2 services", "<code>payment.asked</code>", `/ui/groups/relay`)
}

// Rates are those of the last minute, whether that was read or counted, and whether or
// not the engine says how many events there are in all.
func TestMapSaysHowMuchThereIs(t *testing.T) {
	for _, c := range []struct {
		old, lately int
		says        string
	}{
		{1, 0, "category order, 1 events, quiet"},
		{300, 0, "category order, 300 events, quiet"},
		{300, 1, "category order, 301 events, 1/min"},
		{300, 20, "category order, 320 events, 20/min"},
		{300, 600, "category order, 900 events, 10/s"},
		{300, 3600, "category order, " + "3\u202f900 events, 60/s"},
	} {
		for _, counted := range []bool{false, true} {
			var o ui.Options
			if counted {
				all := []ui.Count{{Name: "order", Events: uint64(c.old + c.lately)}}
				o.Storage = func(context.Context) (ui.Storage, error) { return ui.Storage{Categories: all}, nil }
			}
			w := newWorld(t, o)
			many(t, w, c.old, time.Now().Add(-time.Hour))
			many(t, w, c.lately, time.Now())
			_, page := w.get("/ui/map")
			if !strings.Contains(page, c.says) {
				t.Errorf("%d and %d lately, counted %v: not %q", c.old, c.lately, counted, c.says)
			}
		}
	}
}

// many appends events of a time.
func many(t *testing.T, w *world, n int, at time.Time) {
	t.Helper()
	var all []cairn.Event
	for range n {
		e := event("order.placed", `{}`)
		e.Time = at
		all = append(all, e)
	}
	w.append("order-1", all...)
}

// What is noted under the name of a group is about that, and is no second part.
func TestMapAddsNotesToGroups(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.append("order-1", event("order.placed", `{}`))
	takePart(t, w, "mailer", group.Options{Query: cairn.ByType("order.placed")})
	if err := component.Note(t.Context(), w.store, "mailer", component.About{Service: "letters", Writes: []string{"letter"}}); err != nil {
		t.Fatal(err)
	}
	_, page := w.get("/ui/map")
	contains(t, page, "1 parts of 1 services", "letters", ">letter<")
}

func TestMapOfHostileNames(t *testing.T) {
	w := newWorld(t, ui.Options{})
	for i, name := range append(names, "<script>x</script>-1", strings.Repeat("x", 1000)) {
		w.append(name, event("<script>t"+fmt.Sprint(i), `{}`))
		about := component.About{Kind: "<b>", Service: "</svg><script>", Via: `"><img src=x>`, Hears: []string{`"'<`}, Tells: []string{"javascript:x"}, Writes: []string{cairn.Category(name)[:min(len(cairn.Category(name)), 256)]}}
		if err := component.Note(t.Context(), w.store, fmt.Sprint("</a>", i), about); err != nil {
			t.Fatal(err)
		}
	}
	status, page := w.get("/ui/map")
	if n := strings.Count(page, "<script") - strings.Count(page, `<script src="/ui/assets/`); status != http.StatusOK || n != 0 || strings.Contains(page, "<img src=x") || strings.Contains(page, `href="javascript`) || strings.Contains(page, "<b>") {
		t.Errorf("%d, the page holds markup of names", status)
	}
}

func TestMapIsBounded(t *testing.T) {
	w := newWorld(t, ui.Options{})
	for i := range 200 {
		w.append(fmt.Sprintf("category%d-1", i), event(fmt.Sprintf("type%d", i), `{}`))
		if i < 60 {
			if err := component.Note(t.Context(), w.store, fmt.Sprint("part", i), component.About{Tells: []string{fmt.Sprint("topic", i)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, page := w.get("/ui/map")
	contains(t, page, "80 types", "160 categories", "20 components")
	if n := strings.Count(page, "data-box="); n > 160 || len(page) > 300<<10 {
		t.Errorf("%d boxes, %d bytes", n, len(page))
	}
}

func TestMapIsForThoseWhoMayReadEverything(t *testing.T) {
	w := newSecured(t, ui.Options{})
	if err := w.access.Users().Create(t.Context(), access.User{Login: "ann", FullName: "Ann"}, "secret"); err != nil {
		t.Fatal(err)
	}
	w.post("/ui/login", url.Values{"login": {"ann"}, "password": {"secret"}})
	for _, path := range []string{"/ui/map", "/ui/map/live"} {
		if status, _ := w.get(path); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
}
