package telemetry_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/telemetry"
)

func TestHTTP(t *testing.T) {
	var out bytes.Buffer
	in := telemetry.New(telemetry.Options{Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /streams/{name}", func(w http.ResponseWriter, r *http.Request) {
		gather(t, in).want(t, "cairn_http_in_flight", 1)
		io.WriteString(w, "ok")
	})
	mux.HandleFunc("POST /empty", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /teapot", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusTeapot)
	})
	h := in.HTTP(mux)
	for _, q := range [][2]string{
		{"GET", "/streams/a?secret=1"}, {"GET", "/streams/b"}, {"POST", "/empty"}, {"GET", "/teapot"}, {"GET", "/nowhere"}, {"MADEUP", "/x"},
	} {
		r := httptest.NewRequest(q[0], q[1], nil)
		r.Header.Set("Authorization", "Basic secret")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	got := gather(t, in)
	got.want(t, "cairn_http_in_flight", 0)
	for labels, n := range map[string]float64{
		`code="200",method="GET",route="GET /streams/{name}"`: 2,
		`code="200",method="POST",route="POST /empty"`:        1,
		`code="418",method="GET",route="GET /teapot"`:         1,
		`code="404",method="GET",route="unmatched"`:           1,
		`code="404",method="other",route="unmatched"`:         1,
	} {
		got.want(t, "cairn_http_request_duration_seconds{"+labels+"}", n)
	}
	if log := out.String(); strings.Contains(log, "secret") || !strings.Contains(log, "path=/streams/a code=200") {
		t.Errorf("log %s", log)
	}
}

// TestRouted: what copies the request between does not hide the route.
func TestRouted(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	mux := http.NewServeMux()
	mux.HandleFunc("/here", func(http.ResponseWriter, *http.Request) {})
	inner := in.Routed(mux)
	type key struct{}
	h := in.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, 1)))
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/here", nil))
	gather(t, in).want(t, `cairn_http_request_duration_seconds{code="200",method="GET",route="/here"}`, 1)
	inner.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/here", nil)) // alone it does no harm
}

func TestHTTPPanic(t *testing.T) {
	var out bytes.Buffer
	in := telemetry.New(telemetry.Options{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	h := in.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("the panic was kept")
		}
		gather(t, in).want(t, `cairn_http_request_duration_seconds{code="500",method="GET",route="unmatched"}`, 1)
		if !strings.Contains(out.String(), "level=WARN") {
			t.Errorf("log %q", out.String())
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

// TestHTTPStreams: a handler can send what it has so far, over a real connection.
func TestHTTPStreams(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	read := make(chan struct{})
	ended := make(chan struct{})
	h := in.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		w.(http.Flusher).Flush()
		<-read
	}))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		close(ended)
	}))
	defer s.Close()
	answer, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var line [6]byte
	if _, err := io.ReadFull(answer.Body, line[:]); err != nil || string(line[:]) != "first\n" {
		t.Fatalf("%q, %v", line, err)
	}
	close(read)
	<-ended
	gather(t, in).want(t, `cairn_http_request_duration_seconds{code="200",method="GET",route="unmatched"}`, 1)
}

func TestConnections(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	closed := in.Connection("grpc")
	in.Connection("grpc")
	gather(t, in).want(t, `cairn_connections{protocol="grpc"}`, 2)
	closed()
	closed()
	got := gather(t, in)
	got.want(t, `cairn_connections{protocol="grpc"}`, 1)
	got.want(t, `cairn_connections_total{protocol="grpc"}`, 2)
}
