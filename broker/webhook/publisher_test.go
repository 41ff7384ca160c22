package webhook_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/webhook"
)

// serve starts a destination and returns how often it was asked.
func serve(t *testing.T, handle http.HandlerFunc) (webhook.PublisherOptions, *atomic.Int64) {
	t.Helper()
	asked := new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return webhook.PublisherOptions{URL: s.URL, AllowPlain: true, AllowPrivate: true, Failures: 1000}, asked
}

func answers(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]error{
		301: broker.ErrUnavailable, 302: broker.ErrUnavailable, 304: broker.ErrUnavailable, 307: broker.ErrUnavailable,
		400: broker.ErrRejected, 401: broker.ErrRejected, 404: broker.ErrRejected, 410: broker.ErrRejected, 413: broker.ErrRejected, 422: broker.ErrRejected,
		408: broker.ErrUnavailable, 425: broker.ErrUnavailable, 429: broker.ErrUnavailable,
		502: broker.ErrUnavailable, 503: broker.ErrUnavailable, 504: broker.ErrUnavailable,
		500: nil, 501: nil, 599: nil, 666: nil,
	} {
		o, _ := serve(t, answers(status))
		refused(t, publisher(t, o).Publish(t.Context(), message("1")), kind, fmt.Sprint(status))
	}
	for _, status := range []int{200, 201, 202, 204, 299} {
		o, _ := serve(t, answers(status))
		if err := publisher(t, o).Publish(t.Context(), message("1")); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestRedirectsAreNamedAndNotFollowed(t *testing.T) {
	t.Parallel()
	o, asked := serve(t, answers(307, "Location", "/elsewhere"))
	err := publisher(t, o).Publish(t.Context(), message("1"))
	if !errors.Is(err, webhook.ErrRedirect) || !strings.Contains(err.Error(), "/elsewhere") {
		t.Errorf("got %v", err)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// What is gone is rejected from then on, without asking.
func TestGone(t *testing.T) {
	t.Parallel()
	o, asked := serve(t, answers(410))
	gone := 0
	o.OnGone = func() { gone++ }
	p := publisher(t, o)
	for range 3 {
		refused(t, p.Publish(t.Context(), message("1")), broker.ErrRejected, "410")
	}
	if n := asked.Load(); n != 1 || gone != 1 {
		t.Errorf("%d requests, %d calls of OnGone", n, gone)
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"3600", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)} {
		o, asked := serve(t, answers(429, "Retry-After", value))
		p := publisher(t, o)
		for range 3 {
			refused(t, p.Publish(t.Context(), message("1")), broker.ErrUnavailable, "")
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("with Retry-After: %s there were %d requests", value, n)
		}
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "x": 0, "-5": 0, "7": 7 * time.Second, "99999999999": time.Hour, "9999999999999999999999": 0,
		"Fri, 01 May 2026 10:00:09 GMT": 9 * time.Second, "Fri, 01 May 2020 10:00:09 GMT": 0, "Fri, 01 May 2099 10:00:09 GMT": time.Hour,
	} {
		if got := webhook.Delay(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// The circuit opens after some failures, lets one request through after a pause,
// and closes when that succeeds.
func TestCircuit(t *testing.T) {
	t.Parallel()
	var well atomic.Bool
	o, asked := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !well.Load() {
			w.WriteHeader(500)
		}
	})
	states := make(chan bool, 100)
	o.Failures, o.Pause, o.OnCircuit = 3, 50*time.Millisecond, func(open bool) { states <- open }
	p := publisher(t, o)
	for range 3 {
		refused(t, p.Publish(t.Context(), message("1")), nil, "500")
	}
	before := asked.Load()
	refused(t, p.Publish(t.Context(), message("1")), broker.ErrUnavailable, "circuit")
	if n := asked.Load(); before != 3 || n > before+1 || !<-states {
		t.Errorf("%d requests, then %d, or the circuit is not open", before, n)
	}
	well.Store(true)
	for p.Publish(t.Context(), message("1")) != nil {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("the circuit does not close")
		}
	}
	for open := range states {
		if !open {
			return
		}
	}
}

// misbehaves starts something that speaks as it likes when it is asked.
func misbehaves(t *testing.T, speak func(net.Conn)) webhook.PublisherOptions {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					speak(c)
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return webhook.PublisherOptions{URL: "http://" + l.Addr().String(), AllowPlain: true, AllowPrivate: true, Timeout: 300 * time.Millisecond}
}

// drip writes something again and again until the other end is gone.
func drip(c net.Conn, s string, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for range tick.C {
		if _, err := io.WriteString(c, s); err != nil {
			return
		}
	}
}

func TestDestinationsThatMisbehaveAreUnavailable(t *testing.T) {
	t.Parallel()
	for name, speak := range map[string]func(net.Conn){
		"hangs":            func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"hangs up":         func(net.Conn) {},
		"answers garbage":  func(c net.Conn) { _, _ = io.WriteString(c, "\x00\x01garbage\r\n\r\n") },
		"drips its header": func(c net.Conn) { drip(c, "H", 5*time.Millisecond) },
		"has no end of header": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			drip(c, "X: "+strings.Repeat("x", 60<<10)+"\r\n", time.Millisecond)
		},
		"only informs": func(c net.Conn) { drip(c, "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", 5*time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, publisher(t, misbehaves(t, speak)).Publish(t.Context(), message("1")), broker.ErrUnavailable, "")
		})
	}
}

// The status counts, and what comes after it is read in small measure and for a
// short time.
func TestEndlessAnswers(t *testing.T) {
	t.Parallel()
	for name, speak := range map[string]func(net.Conn){
		"huge": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			drip(c, strings.Repeat("x", 1<<16), time.Microsecond)
		},
		"slow": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			drip(c, "x", 20*time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := misbehaves(t, speak)
			o.Timeout = time.Second
			if err := publisher(t, o).Publish(t.Context(), message("1")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestACertificateThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(answers(204))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	p := publisher(t, webhook.PublisherOptions{URL: s.URL, AllowPrivate: true})
	refused(t, p.Publish(t.Context(), message("1")), broker.ErrUnavailable, "certificate")
	trusting := s.Client().Transport.(*http.Transport).TLSClientConfig
	if err := publisher(t, webhook.PublisherOptions{URL: s.URL, AllowPrivate: true, TLS: trusting}).Publish(t.Context(), message("1")); err != nil {
		t.Error(err)
	}
}

// One that hangs holds up nobody else, and its caller decides how long to wait.
func TestADestinationThatHangsHoldsUpItselfOnly(t *testing.T) {
	t.Parallel()
	hang := misbehaves(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	hang.Timeout = time.Hour
	stuck := publisher(t, hang)
	ctx, cancel := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for range 20 { // more than may be under way
		callers.Go(func() {
			refused(t, stuck.Publish(ctx, message("1")), broker.ErrUnavailable, "")
		})
	}
	o, _ := serve(t, answers(204))
	sound := publisher(t, o)
	for range 50 {
		if err := sound.Publish(t.Context(), message("1")); err != nil {
			t.Error(err)
		}
	}
	cancel()
	callers.Wait()
}

func TestTopicsArePathsBelowTheDestination(t *testing.T) {
	t.Parallel()
	paths := make(chan string, 1)
	o, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { paths <- r.URL.EscapedPath() + "?" + r.URL.RawQuery })
	o.URL += "/hooks?token=1"
	p := publisher(t, o)
	for topic, want := range map[string]string{
		"": "/hooks?token=1", "orders": "/hooks/orders?token=1", "/a/b": "/hooks/a/b?token=1",
		"a?b#c d": "/hooks/a%3Fb%23c%20d?token=1", "http://other.example": "", "../admin": "", "a//b": "", "a/.": "",
	} {
		m := message("1")
		m.Topic = topic
		err := p.Publish(t.Context(), m)
		if want == "" {
			refused(t, err, broker.ErrRejected, "path")
		} else if err != nil {
			t.Error(err)
		} else if got := <-paths; got != want {
			t.Errorf("%q went to %s, want %s", topic, got, want)
		}
	}
}

func TestTooLargeAndWithoutWhatItMustHave(t *testing.T) {
	t.Parallel()
	o, asked := serve(t, answers(204))
	o.MaxSize = 1000
	p := publisher(t, o)
	large := message("1")
	large.Event.DataEncoded = []byte(`"` + strings.Repeat("x", 1000) + `"`)
	refused(t, p.Publish(t.Context(), large), broker.ErrRejected, "1000")
	refused(t, p.Publish(t.Context(), broker.Message{}), broker.ErrRejected, "")
	if asked.Load() != 0 {
		t.Error("it was sent")
	}
}

func TestInvalidOptionsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field string
		o     webhook.PublisherOptions
	}{
		{"URL", webhook.PublisherOptions{}},
		{"URL", webhook.PublisherOptions{URL: "http://example.com"}},
		{"URL", webhook.PublisherOptions{URL: "ftp://example.com", AllowPlain: true}},
		{"URL", webhook.PublisherOptions{URL: "https://user:secret@example.com"}},
		{"URL", webhook.PublisherOptions{URL: "https://127.0.0.1/"}},
		{"URL", webhook.PublisherOptions{URL: "https://[::ffff:10.0.0.1]/"}},
		{"URL", webhook.PublisherOptions{URL: "https://example.com/#secret"}},
		{"Secrets", webhook.PublisherOptions{URL: "https://example.com", Secrets: []string{"secret"}}},
		{"Secrets", webhook.PublisherOptions{URL: "https://example.com", Secrets: []string{"whsec_c2VjcmV0"}}},
		{"Timeout", webhook.PublisherOptions{URL: "https://example.com", Timeout: -1}},
	} {
		_, err := webhook.NewPublisher(c.o)
		if e, ok := errors.AsType[*webhook.InvalidError](err); !ok || e.Field != c.field || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: got %v", c.o, err)
		}
	}
}
