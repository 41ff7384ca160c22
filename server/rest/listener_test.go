package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/rest"
)

var options rest.Options

// deadline is how long a test waits for what must come.
const deadline = 20 * time.Second

// A server is the handler on a real connection, which ends the test with no
// goroutine left.
type server struct {
	*world
	url   string
	ended chan struct{} // takes one for each request that was served
}

func serve(t *testing.T, store cairn.Store, o rest.Options) *server {
	return serveTo(t, store, access.Open(), o)
}

func serveTo(t *testing.T, store cairn.Store, c *access.Control, o rest.Options) *server {
	h, followers, imports := rest.Middle(store, c, o)
	ended := make(chan struct{}, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended <- struct{}{} }()
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		s.CloseClientConnections()
		s.Close() // waits for every handler
		h.(*rest.Handler).Close()
		if followers() != 0 || imports() != 0 {
			t.Errorf("%d followers and %d imports are left", followers(), imports())
		}
		checkGoroutines(t)
	})
	return &server{&world{t, store, h}, s.URL + api, ended}
}

// checkGoroutines fails if one is left that the package runs or has begun.
func checkGoroutines(t *testing.T) {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	for g := range strings.SplitSeq(string(all), "\n\n") {
		if strings.Contains(g, "server/rest.") {
			t.Errorf("a goroutine is left:\n%s", g)
		}
	}
}

// await waits until a request was served.
func (s *server) await() {
	s.Helper()
	select {
	case <-s.ended:
	case <-time.After(deadline):
		s.Fatal("the request is still being served")
	}
}

// A message is a server-sent event; a comment has a name only.
type message struct{ id, name, data string }

// A listener reads server-sent events.
type listener struct {
	t      *testing.T
	lines  *bufio.Scanner
	cancel context.CancelFunc
	header http.Header
}

func (s *server) listen(path string, headers ...string) *listener {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), deadline)
	s.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", s.url+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		b, _ := io.ReadAll(response.Body)
		s.Fatalf("got %d %s", response.StatusCode, b)
	}
	l := &listener{s.T, bufio.NewScanner(response.Body), cancel, response.Header}
	l.lines.Buffer(nil, 1<<20)
	if !l.lines.Scan() || l.lines.Text() != "retry: 2000" || !l.lines.Scan() {
		s.Fatalf("began with %q", l.lines.Text())
	}
	return l
}

// next is the next message, or an end with the name "end".
func (l *listener) next() (m message) {
	l.t.Helper()
	for l.lines.Scan() {
		field, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch field {
		case "id":
			m.id = value
		case "event":
			m.name = value
		case "data":
			m.data = value
		case "":
			if value != "" {
				m.name = "comment"
			} else if m != (message{}) {
				return m
			}
		default:
			l.t.Fatalf("got %q", l.lines.Text())
		}
	}
	return message{name: "end"}
}

// wants reads messages written as "name id", with the type of an event for its
// name.
func (l *listener) wants(all ...string) {
	l.t.Helper()
	for _, want := range all {
		m := l.next()
		got := m.name + " " + m.id
		if m.name == "message" {
			var e item
			if err := json.Unmarshal([]byte(m.data), &e); err != nil {
				l.t.Fatal(err)
			}
			got = e.Type + " " + m.id
		}
		if strings.TrimSpace(got) != want {
			l.t.Fatalf("got %q (%s), want %q", got, m.data, want)
		}
	}
}
