package kurrent_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/kurrent"
)

// call asks a service over HTTP.
func (p *peer) call(method, target string) *httptest.ResponseRecorder {
	p.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(p.Context(), method, target, nil)
	r.Host = "events.example:2115"
	p.service.Handler().ServeHTTP(w, r)
	return w
}

// get asks for JSON.
func (p *peer) get(target string, v any) {
	p.Helper()
	w := p.call(http.MethodGet, target)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		p.Fatalf("GET %s: %d %s: %s", target, w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		p.Fatalf("GET %s: %v", target, err)
	}
}

// TestWebStatus: which paths there are, and what is said of those that are not.
func TestWebStatus(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	for request, want := range map[string]string{
		"GET /ping":                 "200",
		"HEAD /ping":                "200",
		"POST /ping":                "404 Not Found",
		"GET /":                     "404 Not Found",
		"GET /web/nothing":          "404 Not Found",
		"POST /nothing":             "404 Not Found",
		"GET /stats/proc/nothing":   "404 Not Found",
		"GET /stats/proc/id/deeper": "404 Not Found",
		"GET /streams/s":            "404 AtomPub is not served.",
		"POST /streams/s":           "405 AtomPub is not served.",
	} {
		method, target, _ := strings.Cut(request, " ")
		w := p.call(method, target)
		code, text, _ := strings.Cut(want, " ")
		if strconv.Itoa(w.Code) != code || !strings.HasPrefix(w.Body.String(), text) {
			t.Errorf("%s: %d %s, want %s", request, w.Code, w.Body, want)
		}
	}
}

// TestWebInfo: what tools read about a server.
func TestWebInfo(t *testing.T) {
	p := newPeer(t, kurrent.Options{MaxAppendSize: 12345})
	var ping struct{ Text string }
	if p.get("/ping", &ping); ping.Text != "Ping request successfully handled" {
		t.Errorf("ping says %q", ping.Text)
	}
	var info struct {
		DBVersion, ESVersion, State string
		Features                    map[string]bool
		Authentication              struct{ Type string }
	}
	p.get("/info", &info)
	if info.DBVersion != kurrent.DefaultVersion || info.ESVersion != kurrent.DefaultVersion || info.State != "leader" ||
		info.Features["projections"] || info.Authentication.Type != "insecure" {
		t.Errorf("info is %+v", info)
	}
	var options []struct {
		Name   string
		Value  any
		Schema struct{ Type string }
	}
	p.get("/info/options", &options)
	if len(options) == 0 || options[0].Name != "MaxAppendSize" || options[0].Value != 12345.0 || options[0].Schema.Type != "integer" {
		t.Errorf("options are %+v", options)
	}
}

// TestWebStats shows the figures as a tree, as a branch and flat.
func TestWebStats(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	id := strconv.Itoa(os.Getpid())
	var whole struct {
		Proc struct {
			ID, Mem string
			GC      map[string]string
		}
	}
	if p.get("/stats", &whole); whole.Proc.ID != id || whole.Proc.Mem == "" || whole.Proc.GC["totalBytesInHeaps"] == "" {
		t.Errorf("stats are %+v", whole)
	}
	var branch map[string]any
	if p.get("/stats/proc/", &branch); branch["id"] != id {
		t.Errorf("the branch is %v", branch)
	}
	var leaf string
	if p.get("/stats/proc/id", &leaf); leaf != id {
		t.Errorf("the leaf is %v", leaf)
	}
	var flat map[string]string
	if p.get("/stats?group=false", &flat); flat["proc-id"] != id {
		t.Errorf("flat they are %v", flat)
	}
	for _, target := range []string{"/stats/replication", "/stats/tcp"} {
		none := []any{1}
		if p.get(target, &none); len(none) != 0 {
			t.Errorf("%s: %v", target, none)
		}
	}
}

// TestWebGossip: the server is alone and leads, where it was called.
func TestWebGossip(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	p.make("s", "live")
	var got struct {
		Members []struct {
			State, HTTPEndPointIP                string
			IsAlive                              bool
			HTTPEndPointPort, LastCommitPosition int
		}
		ServerIP   string
		ServerPort int
	}
	p.get("/gossip", &got)
	want := "{[{Leader events.example true 2115 3}] events.example 2115}"
	if s := fmt.Sprint(got); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

// TestWebOfAClosedStore is not ready.
func TestWebOfAClosedStore(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	if err := p.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"/gossip", "/stats"} {
		if w := p.call(http.MethodGet, target); w.Code != http.StatusServiceUnavailable {
			t.Errorf("GET %s: %d", target, w.Code)
		}
	}
}
