package ui_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/server/ui"
)

// follow reads a feed in the background; its lines end when the feed does.
func (w *world) follow(path string) (lines <-chan string, status int) {
	w.t.Helper()
	res := w.send("GET", path, nil)
	all := make(chan string)
	go func() {
		defer close(all)
		defer res.Body.Close()
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			select {
			case all <- s.Text():
			case <-w.t.Context().Done():
				return
			}
		}
	}()
	return all, res.StatusCode
}

// until reads lines up to one that holds a text.
func until(t *testing.T, lines <-chan string, text string) {
	t.Helper()
	for line := range lines {
		if strings.Contains(line, text) {
			return
		}
	}
	t.Errorf("the feed ended before it said %q", text)
}

func TestPagesFollow(t *testing.T) {
	for _, path := range []string{"/ui/streams/order-1/live?after=1", "/ui/explore/live?type=order.paid"} {
		w := newWorld(t, ui.Options{})
		w.append("order-1", event("order.placed", `{}`))
		lines, status := w.follow(path)
		if status != http.StatusOK {
			t.Fatalf("%s: %d", path, status)
		}
		w.append("order-1", event("order.paid", "{\"a\":\"x\\ny\"}"))
		until(t, lines, "event: row")
		until(t, lines, "order.paid")
	}
}

func TestFollowersEndWithTheServer(t *testing.T) {
	done := make(chan struct{})
	w := newWorld(t, ui.Options{Done: done})
	w.append("order-1", event("order.placed", `{}`))
	lines, _ := w.follow("/ui/streams/order-1/live?after=0")
	until(t, lines, "order.placed")
	close(done)
	for range lines { // it ends, or the test never does
	}
}

func TestTooManyFollowers(t *testing.T) {
	w := newWorld(t, ui.Options{MaxFollowers: 1, Heartbeat: time.Millisecond})
	w.append("order-1", event("order.placed", `{}`))
	lines, _ := w.follow("/ui/streams/order-1/live?after=1")
	until(t, lines, ":")
	if status, _ := w.get("/ui/streams/order-1/live?after=1"); status != http.StatusServiceUnavailable {
		t.Errorf("the second one: %d", status)
	}
}

// A browser whose connection broke goes on behind what it has got.
func TestFollowersGoOn(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.append("order-1", event("order.first", `{}`), event("order.second", `{}`))
	w.append("order-1", event("order.third", `{}`))
	for path, last := range map[string]string{"/ui/streams/order-1/live?after=0": "2", "/ui/explore/live?after=0": "2"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", w.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Last-Event-ID", last)
		res, err := w.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var sent []string
		for s := bufio.NewScanner(res.Body); s.Scan() && len(sent) < 2; {
			if data, isData := strings.CutPrefix(s.Text(), "data: "); isData && strings.Contains(data, "<code>") {
				sent = append(sent, data)
			}
			if s.Text() == "id: 3" {
				break
			}
		}
		if len(sent) != 1 || !strings.Contains(sent[0], "order.third") {
			t.Errorf("%s goes on with %q", path, sent)
		}
	}
}
