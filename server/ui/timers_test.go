package ui_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui"
	"github.com/cairndb/cairn/timer"
)

// set sets a timer that fires into bell-1.
func (w *world) set(c timer.Category, key string, in time.Duration) {
	w.t.Helper()
	write, err := c.Set(key, time.Now().Add(in), timer.Fire{Stream: "bell-1", Event: cairn.Event{Type: "bell.<b>rang"}})
	if err == nil {
		_, err = w.store.Commit(w.t.Context(), cairn.Batch{Writes: []cairn.Write{write}})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestTimerPages(t *testing.T) {
	w := newWorld(t, ui.Options{})
	_, page := w.get("/ui/timers")
	contains(t, page, "No timer was ever set")
	for i, name := range names {
		w.set("", name, time.Duration(i+1)*time.Hour)
	}
	_, page = w.get("/ui/timers")
	if strings.Contains(page, "of the saga") {
		t.Error("a timer is taken for a saga's")
	}
	contains(t, page, "nobody has run them", "badge warn", "bell.&lt;b&gt;rang", "in 59 min")
	if got := strings.Count(page, "Fire now…"); got != len(names) || strings.Contains(page, "<b>") {
		t.Errorf("%d timers, want %d", got, len(names))
	}
	w.set("egg", "late", -10*time.Minute)
	_, page = w.get("/ui/timers")
	contains(t, page, "nobody fires them", "badge bad", "Due next in egg", "overdue by 10 min")
	if strings.Index(page, "category=egg") > strings.Index(page, "category=timer") {
		t.Error("what is in need is not first")
	}
	_, page = w.get("/ui/")
	contains(t, page, "nobody fires them")
	for path, status := range map[string]int{
		"/ui/timers?category=none": 200, "/ui/timers?category=a-b": 400, "/ui/timers?category=%3Cscript%3E": 200, "/ui/timers?category=egg&due=x": 400, "/ui/timers?category=egg&at=-1": 400,
		"/ui/timers?category=egg&due=9223372036854775807&at=9223372036854775807": 200, "/ui/timers?category=egg&due=-9223372036854775808": 200,
	} {
		if got, _ := w.get(path); got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
}

func TestManyTimers(t *testing.T) {
	w := newWorld(t, ui.Options{})
	for i := range 250 {
		w.set("", fmt.Sprintf("k%03d", i), time.Duration(250-i)*time.Minute)
	}
	seen, path, n := map[string]bool{}, "/ui/timers", 0
	for ; path != "" && n < 10; n++ {
		_, page := w.get(path)
		for _, href := range hrefs(page, "/ui/streams/timer-k") {
			seen[href] = true
		}
		path = link(page, "Further ones")
	}
	if len(seen) != 250 || n != 3 {
		t.Errorf("%d pages show %d of 250 timers", n, len(seen))
	}
}

func TestTimerActs(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.set("", "a/b", time.Hour)
	w.set("", "c", time.Hour)
	form := url.Values{"category": {"timer"}, "key": {"a/b"}, "expected": {"0"}}
	_, page := w.post("/ui/timers/cancel/ask", form)
	contains(t, page, "Cancel the timer a/b?", "is not appended to bell-1", `name="expected" value="0"`)
	if _, ok, err := timer.Find(t.Context(), w.store, "", "a/b"); !ok || err != nil {
		t.Fatal("asking has cancelled it")
	}
	w.set("", "a/b", 2*time.Hour)
	if status, _ := w.post("/ui/timers/cancel", form); status != http.StatusConflict {
		t.Errorf("cancelling what was set anew: %d", status)
	}
	form.Set("expected", "1")
	if status, _ := w.post("/ui/timers/cancel", form); status != http.StatusSeeOther {
		t.Errorf("cancelling: %d", status)
	}
	if status, _ := w.post("/ui/timers/cancel", form); status != http.StatusNotFound {
		t.Errorf("cancelling again: %d", status)
	}
	form = url.Values{"category": {"timer"}, "key": {"c"}, "expected": {"0"}}
	before, _, err := timer.Find(t.Context(), w.store, "", "c")
	if err != nil {
		t.Fatal(err)
	}
	_, page = w.post("/ui/timers/fire/ask", form)
	contains(t, page, "Fire the timer c now?")
	if status, _ := w.post("/ui/timers/fire", form); status != http.StatusSeeOther {
		t.Errorf("firing: %d", status)
	}
	after, ok, err := timer.Find(t.Context(), w.store, "", "c")
	if err != nil || !ok || time.Until(after.Due) > 0 || after.Fire.Event.ID != before.Fire.Event.ID {
		t.Errorf("now it is %+v, %v", after, err)
	}
}

func TestTimerRoles(t *testing.T) {
	w := newSecured(t, ui.Options{})
	if err := w.access.Users().Create(t.Context(), access.User{Login: "ann", FullName: "Ann"}, "secret"); err != nil {
		t.Fatal(err)
	}
	w.set("", "a", time.Hour)
	acl := cairn.StreamMetadata{ACL: &cairn.ACL{Read: []string{"ann"}, Write: []string{"$admins"}}}
	if _, err := cairn.SetMetadata(t.Context(), w.store, "timer-a", cairn.Any, acl); err != nil {
		t.Fatal(err)
	}
	w.post("/ui/login", url.Values{"login": {"ann"}, "password": {"secret"}})
	form := url.Values{"category": {"timer"}, "key": {"a"}, "expected": {"0"}}
	for _, path := range []string{"/ui/timers/cancel/ask", "/ui/timers/cancel", "/ui/timers/fire/ask", "/ui/timers/fire"} {
		if status, _ := w.post(path, form); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	if _, ok, err := timer.Find(t.Context(), w.store, "", "a"); !ok && !errors.Is(err, cairn.ErrStreamDeleted) {
		t.Error("what was refused was done")
	}
}
