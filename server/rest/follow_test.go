package rest_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/rest"
	"github.com/cairndb/cairn/storetest"
)

func TestFollowStream(t *testing.T) {
	s := serve(t, storetest.NewReference(), options)
	s.put("s", "a", "b")
	l := s.listen("/streams/s")
	l.wants("a 0", "b 1", "caught-up 1")
	s.put("other", "x")
	s.put("s", "c")
	l.wants("c 2")
	if again := s.listen("/streams/s?follow", "Last-Event-ID", "0", "Accept", asIs); again != nil {
		again.wants("b 1", "c 2", "caught-up 2")
	}
	s.listen("/streams/s?from=2").wants("c 2", "caught-up 2")
	s.listen("/streams/s?limit=2").wants("a 0", "b 1", "end")
}

func TestFollowStreamThatIsToCome(t *testing.T) {
	s := serve(t, storetest.NewReference(), options)
	l := s.listen("/streams/s")
	if m := l.next(); m != (message{"", "caught-up", `{"revision":"no-stream"}`}) {
		t.Fatalf("got %+v", m)
	}
	s.put("s", "a")
	l.wants("a 0")
	s.want(s.do("DELETE", "/streams/s?tombstone", ""), 200)
	l.wants("$streamDeleted 9223372036854775807")
	if m := l.next(); m.name != "problem" || !strings.Contains(m.data, `"state":"tombstoned"`) {
		t.Fatalf("got %+v", m)
	}
	l.wants("end")
}

func TestFollowLog(t *testing.T) {
	s := serve(t, storetest.NewReference(), options)
	s.put("a", "1")
	s.put("b", "2")
	l := s.listen("/events?type=1&type=3")
	l.wants("1 1", "caught-up 2")
	s.put("a", "3", "4", "3")
	l.wants("3 3", "3 5")
	s.listen("/events?stream=a", "Last-Event-ID", "3").wants("4 4", "3 5", "caught-up 5")
	s.listen("/events?after=4").wants("3 5", "caught-up 5")
	for _, wrong := range []string{"x", "-1", "1.5", "18446744073709551616"} {
		if p := s.problem(s.do("GET", "/events?follow", "", "Last-Event-ID", wrong), 400, "invalid"); p.Field != "Last-Event-ID" {
			t.Errorf("got %+v", p)
		}
	}
}

// TestFollowManyEvents reads much, with a tag on every line's end.
func TestFollowManyEvents(t *testing.T) {
	s := serve(t, storetest.NewReference(), options)
	const n = 3000
	for i := range n {
		s.put("s", fmt.Sprint(i))
	}
	l := s.listen("/events")
	for i := range n {
		l.wants(fmt.Sprintf("%d %d", i, i+1))
	}
	l.wants(fmt.Sprintf("caught-up %d", n))
}

func TestFollowShowsProgress(t *testing.T) {
	s := serve(t, storetest.NewReference(), rest.Options{Heartbeat: 20 * time.Millisecond})
	l := s.listen("/events?type=never")
	l.wants("caught-up 0", "comment")
	s.put("s", "a", "b")
	for { // comments come until the reader has come past both
		if m := l.next(); m.name == "progress" && m.id == "2" {
			break
		} else if m.name != "comment" && m.name != "progress" {
			t.Fatalf("got %+v", m)
		}
	}
}

func TestFollowEndsWithServer(t *testing.T) {
	done := make(chan struct{})
	s := serve(t, storetest.NewReference(), rest.Options{Done: done})
	one, two := s.listen("/events"), s.listen("/streams/s")
	one.wants("caught-up 0")
	two.wants("caught-up")
	close(done)
	for _, l := range []*listener{one, two} {
		l.wants("closing", "end")
	}
}

func TestFollowEndsWithStore(t *testing.T) {
	store := storetest.NewReference()
	s := serve(t, store, options)
	l := s.listen("/events")
	l.wants("caught-up 0")
	store.Close()
	l.wants("closing", "end")
}

func TestFollowersAreBounded(t *testing.T) {
	s := serve(t, storetest.NewReference(), rest.Options{MaxFollowers: 1})
	l := s.listen("/events")
	a := s.do("GET", "/events?follow", "")
	if s.problem(a, 503, "busy"); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	l.cancel()
	s.await()
	s.listen("/events").wants("caught-up 0")
}

// TestStuckClientIsCutOff holds that a client that does not read does not keep
// a reader.
func TestStuckClientIsCutOff(t *testing.T) {
	for _, accept := range []string{"text/event-stream", lines} {
		t.Run(accept, func(t *testing.T) {
			store := storetest.NewReference()
			s := serve(t, store, rest.Options{WriteTimeout: 50 * time.Millisecond})
			large := cairn.Event{Type: "T", Data: []byte(`"` + strings.Repeat("x", 1<<20) + `"`)}
			for range 32 { // more than the buffers of two sockets
				if _, err := store.Append(t.Context(), "s", cairn.Any, large); err != nil {
					t.Fatal(err)
				}
			}
			c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), api))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprintf(c, "GET %s/streams/s HTTP/1.1\r\nHost: x\r\nAccept: %s\r\n\r\n", api, accept)
			head := make([]byte, 12)
			if _, err := io.ReadFull(c, head); err != nil || string(head) != "HTTP/1.1 200" {
				t.Fatalf("%q, %v", head, err)
			}
			s.await() // although nobody reads
			c.SetReadDeadline(time.Now().Add(deadline))
			if n, err := io.Copy(io.Discard, c); n > 24<<20 {
				t.Errorf("got %d bytes and %v after being stuck", n, err)
			}
		})
	}
}
