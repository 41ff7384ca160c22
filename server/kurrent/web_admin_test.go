package kurrent_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// callAs asks a service over HTTP as somebody; nobody if login is empty.
func (p *peer) callAs(c *access.Control, login, method, target string) *httptest.ResponseRecorder {
	p.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(p.Context(), method, target, nil)
	if login != "" {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(login+":changeit")))
	}
	c.Middleware(p.service.Handler()).ServeHTTP(w, r)
	return w
}

// TestWebAccess: what is open to all, to users and to operators.
func TestWebAccess(t *testing.T) {
	var stopped atomic.Int32
	p, c := newSecureWeb(t, kurrent.Options{Shutdown: func() { stopped.Add(1) }})
	const all, users, operators = "200 200 200 200", "401 200 200 200", "401 403 200 200"
	for request, want := range map[string]string{
		"GET /ping":                      all,
		"GET /info":                      all,
		"GET /gossip":                    all,
		"GET /stats":                     users,
		"GET /admin/login":               users,
		"GET /info/options":              operators,
		"POST /admin/shutdown":           operators,
		"POST /admin/mergeindexes":       operators,
		"POST /admin/node/resign":        operators,
		"POST /admin/node/priority/-5":   operators,
		"POST /admin/scavenge":           operators,
		"DELETE /admin/scavenge/current": operators,
		"GET /admin/scavenge/current":    operators,
		"GET /admin/scavenge/last":       operators,
	} {
		method, target, _ := strings.Cut(request, " ")
		if method == http.MethodDelete {
			p.callAs(c, "ops", http.MethodPost, "/admin/scavenge")
		}
		var got []string
		for _, login := range []string{"", "ann", "ops", "admin"} {
			w := p.callAs(c, login, method, target)
			got = append(got, strconv.Itoa(w.Code))
			if challenge := w.Header().Get("WWW-Authenticate"); (w.Code == 401) != (challenge == `X-Basic realm="ESDB"`) {
				t.Errorf("%s: %d with challenge %q", request, w.Code, challenge)
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: %s, want %s", request, got, want)
		}
	}
	if n := stopped.Load(); n != 2 {
		t.Errorf("stopped %d times, want 2", n)
	}
}

func newSecureWeb(t *testing.T, o kurrent.Options) (*peer, *access.Control) {
	t.Helper()
	p := newSecurePeer(t, o)
	c, err := access.New(t.Context(), p.store, access.Options{Iterations: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return p, c
}

// TestWebScavenges: one that was started can be stopped and is the last.
func TestWebScavenges(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	ask := func(method, target string) map[string]string {
		t.Helper()
		w := p.call(method, target)
		got := map[string]string{}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
		return got
	}
	if got := ask(http.MethodGet, "/admin/scavenge/last"); len(got) != 0 {
		t.Errorf("before the first: %v", got)
	}
	id := ask(http.MethodPost, "/admin/scavenge?threads=2&startFromChunk=0&threshold=1")["scavengeId"]
	if id == "" || ask(http.MethodGet, "/admin/scavenge/last")["scavengeId"] != id || len(ask(http.MethodGet, "/admin/scavenge/current")) != 0 {
		t.Errorf("the scavenge is %q", id)
	}
	if got := ask(http.MethodDelete, "/admin/scavenge/"+id)["scavengeId"]; got != id {
		t.Errorf("stopped %q, want %q", got, id)
	}
	for request, want := range map[string]int{
		"DELETE /admin/scavenge/nonsense": http.StatusNotFound,
		"POST /admin/scavenge?threads=x":  http.StatusBadRequest,
		"POST /admin/scavenge?threads=-1": http.StatusBadRequest,
		"POST /admin/node/priority/high":  http.StatusBadRequest,
		"POST /admin/reloadconfig":        http.StatusNotFound,
	} {
		method, target, _ := strings.Cut(request, " ")
		if w := p.call(method, target); w.Code != want {
			t.Errorf("%s: %d %s, want %d", request, w.Code, w.Body, want)
		}
	}
}
