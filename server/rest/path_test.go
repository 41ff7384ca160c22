package rest_test

import (
	"strings"
	"testing"
)

func TestStreamsThatAreNotThere(t *testing.T) {
	w := newWorld(t)
	w.put("soft", "a", "b")
	w.want(w.do("DELETE", "/streams/soft", ""), 200)
	w.put("closed", "a")
	a := w.want(w.do("DELETE", "/streams/closed?tombstone", "", "If-Match", `"0"`), 200)
	if a.Header.Get("ETag") != "" {
		t.Errorf("a closed stream has ETag %s", a.Header.Get("ETag"))
	}
	for _, c := range []struct {
		path, accept string
		status       int
		kind, state  string
	}{
		{"/streams/none", "", 404, "not-found", "missing"},
		{"/streams/none/0", "", 404, "not-found", "missing"},
		{"/streams/none", lines, 404, "not-found", "missing"},
		{"/streams/soft", "", 404, "not-found", "soft-deleted"},
		{"/streams/soft/0", "", 404, "not-found", "soft-deleted"},
		{"/streams/closed", "", 410, "deleted", "tombstoned"},
		{"/streams/closed", lines, 410, "deleted", "tombstoned"},
		{"/streams/closed", "text/event-stream", 410, "deleted", "tombstoned"},
		{"/streams/closed/0", "", 410, "deleted", "tombstoned"},
		{"/streams/closed/metadata", "", 410, "deleted", "tombstoned"},
	} {
		if p := w.problem(w.do("GET", c.path, "", "Accept", c.accept), c.status, c.kind); p.State != c.state {
			t.Errorf("%s: got state %q, want %q", c.path, p.State, c.state)
		}
	}
	w.problem(w.do("GET", "/events/99", ""), 404, "not-found")
	w.problem(w.do("GET", "/events/0", ""), 404, "not-found")
	w.problem(w.do("DELETE", "/streams/none", ""), 404, "not-found")
	w.problem(w.do("DELETE", "/streams/none", "", "If-Match", `"1"`), 412, "conflict")
	w.problem(w.do("DELETE", "/streams/closed", ""), 410, "deleted")
	if p := w.problem(w.do("POST", "/streams/closed", `{"type":"T"}`), 410, "deleted"); p.Stream != "closed" {
		t.Errorf("got %+v", p)
	}
	a = w.want(w.do("POST", "/streams/soft", `{"type":"T"}`, "If-None-Match", "*"), 201)
	if a.Header.Get("ETag") != `"2"` {
		t.Errorf("a stream that lives again goes on at %s", a.Header.Get("ETag"))
	}
}

func TestPathsAndMethods(t *testing.T) {
	w := newWorld(t)
	w.put("..", "a")
	w.put("s", "a")
	for path, status := range map[string]int{"": 404, "/": 404, "/streams/": 404, "/nothing": 404, "/streams/s/0/1": 404, "/streams/%2E%2E": 200} {
		if got := w.do("HEAD", path, ""); got.StatusCode != status {
			t.Errorf("%s: got %d, want %d", path, got.StatusCode, status)
		}
	}
	for _, c := range [][3]string{
		{"PUT", "/streams/s", "DELETE, GET, HEAD, POST"}, {"POST", "/events", "GET, HEAD"},
		{"GET", "/batches", "POST"}, {"PATCH", "/streams/s/metadata", "GET, HEAD, PUT"}, {"OPTIONS", "/info", "GET, HEAD"},
	} {
		a := w.do(c[0], c[1], "")
		if w.problem(a, 405, "method-not-allowed"); a.Header.Get("Allow") != c[2] {
			t.Errorf("%s %s: got Allow %q, want %q", c[0], c[1], a.Header.Get("Allow"), c[2])
		}
	}
	if a := w.want(w.do("HEAD", "/streams/s?follow", ""), 200); a.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("got %v", a.Header)
	}
}

func TestRepresentations(t *testing.T) {
	w := newWorld(t)
	w.put("s", "a", "b")
	for _, c := range []struct {
		path, accept string
		status       int
		got          string
	}{
		{"/streams/s", "", 200, asIs},
		{"/streams/s", "*/*", 200, asIs},
		{"/streams/s", "application/*", 200, asIs},
		{"/streams/s", "text/html, application/json;q=0.9, */*;q=0.1", 200, asIs},
		{"/streams/s", "application/json;q=0.1, application/x-ndjson", 200, lines},
		{"/streams/s", "application/json;q=0, */*", 200, lines},
		{"/events", lines, 200, lines},
		{"/events", "application/cloudevents-batch+json", 200, "application/cloudevents-batch+json"},
		{"/events/1", "application/cloudevents+json", 200, "application/cloudevents+json"},
		{"/streams/s/0", "text/html", 406, ""},
		{"/events", "image/png", 406, ""},
		{"/events", "application/json;q=0", 406, ""},
		{"/events", "application/json;q=2", 406, ""},
		{"/events", ";;;", 406, ""},
	} {
		a := w.want(w.do("GET", c.path, "", "Accept", c.accept), c.status)
		if got := a.Header.Get("Content-Type"); c.status == 200 && got != c.got {
			t.Errorf("%s, Accept %s: got %s, want %s", c.path, c.accept, got, c.got)
		}
	}
}

func TestInfoAndDocument(t *testing.T) {
	w := newWorld(t)
	w.put("s", "a")
	if a := w.want(w.do("GET", "/info", ""), 200); !strings.HasSuffix(a.body, `"head":1}`) {
		t.Errorf("got %s", a.body)
	}
	if a := w.want(w.do("GET", "/openapi.yaml", ""), 200); !strings.HasPrefix(a.body, "openapi: 3.1") {
		t.Errorf("got %.20s", a.body)
	}
	w.want(w.do("GET", "/openapi.json", ""), 200)
}
