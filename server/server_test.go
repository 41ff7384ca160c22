package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/cairntest"
	"github.com/cairndb/cairn/server"
	"github.com/cairndb/cairn/server/telemetry"
)

// overHTTP makes a client of HTTP of one version.
func overHTTP(t *testing.T, version int, config *tls.Config) *http.Client {
	if config == nil {
		config = &tls.Config{}
	}
	p := &http.Protocols{}
	if version == 2 {
		p.SetHTTP2(true)
		p.SetUnencryptedHTTP2(true)
	} else {
		p.SetHTTP1(true)
	}
	transport := &http.Transport{Protocols: p, TLSClientConfig: config}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func get(t *testing.T, c *http.Client, url string) (status int, proto int, body string) {
	t.Helper()
	r, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.ProtoMajor, string(b)
}

// TestOnePort speaks everything to one port, with TLS and without, on many
// connections at once.
func TestOnePort(t *testing.T) {
	for name, start := range map[string]func() *cairntest.Server{
		"plain": func() *cairntest.Server { return cairntest.Start(t) },
		"TLS":   func() *cairntest.Server { return cairntest.Start(t, cairntest.TLS()) },
	} {
		t.Run(name, func(t *testing.T) {
			s := start()
			var config *tls.Config
			var creds credentials.TransportCredentials
			ctx := within(t)
			if s.CAFile() != "" {
				config = s.ClientTLS(t)
				creds = credentials.NewTLS(config)
				ctx = basic(ctx, "admin", "changeit")
			}
			for range 3 {
				for _, version := range []int{1, 2} {
					code, proto, body := get(t, overHTTP(t, version, config), s.HTTP()+"/ping")
					if code != 200 || proto != version || !strings.Contains(body, "Ping") {
						t.Errorf("HTTP/%d: got %d over HTTP/%d: %s", version, code, proto, body)
					}
				}
				if err := appendTo(ctx, dial(t, s.Addr(), creds), "a", "x"); err != nil {
					t.Errorf("gRPC: %v", err)
				}
			}
			if n := count(t, s.Store(), "a"); n != 3 {
				t.Errorf("got %d events, want 3", n)
			}
		})
	}
}

// TestMixed calls gRPC on a connection that began with another request.
func TestMixed(t *testing.T) {
	h := serve(t, nil)
	var dialled int
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialled++
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}}
	defer transport.CloseIdleConnections()
	c := &http.Client{Transport: transport}
	if code, _, _ := get(t, c, "http://"+h.addr+"/ping"); code != 200 {
		t.Fatalf("GET /ping: got %d", code)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+h.addr+"/event_store.client.server_features.ServerFeatures/GetSupportedMethods", bytes.NewReader(make([]byte, 5)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/grpc")
	r.Header.Set("TE", "trailers")
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.Trailer.Get("Grpc-Status") != "0" || !bytes.Contains(body, []byte("streams")) {
		t.Errorf("got %v, %v, %q", answer.Trailer, err, body)
	}
	if dialled != 1 {
		t.Errorf("got %d connections, want 1", dialled)
	}
}

func TestCompressed(t *testing.T) {
	h := serve(t, nil)
	conn := dial(t, h.addr, nil)
	big := strings.Repeat("x", 1<<20)
	call := func(ctx context.Context) error { return appendTo(ctx, &compressing{conn}, "a", big) }
	if err := call(within(t)); err != nil {
		t.Error(err)
	}
}

// compressing compresses what it sends.
type compressing struct{ *grpc.ClientConn }

func (c *compressing) NewStream(ctx context.Context, d *grpc.StreamDesc, method string, o ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.ClientConn.NewStream(ctx, d, method, append(o, grpc.UseCompressor(gzip.Name))...)
}

// TestPanic finds that a call which panics ends with INTERNAL, and nothing else
// does.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	h := serve(t, &server.Options{
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
		GRPC: []grpc.ServerOption{grpc.ChainStreamInterceptor(func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			if p, ok := peer.FromContext(s.Context()); !ok || p.Addr == nil {
				t.Error("the handler does not know who calls")
			}
			var nothing *testing.T
			nothing.Log("panics")
			return next(srv, s)
		})},
	})
	conn := dial(t, h.addr, nil)
	for range 3 {
		if err := appendTo(within(t), conn, "a", "x"); status.Code(err) != codes.Internal {
			t.Errorf("got %v, want INTERNAL", err)
		}
	}
	if code, _, _ := get(t, overHTTP(t, 1, nil), "http://"+h.addr+"/ping"); code != 200 {
		t.Errorf("GET /ping afterwards: got %d", code)
	}
	if !strings.Contains(log.String(), "nil pointer") || !strings.Contains(log.String(), "server_test.go") {
		t.Errorf("the log does not say what happened: %s", log.String())
	}
}

func TestExposed(t *testing.T) {
	for name, test := range map[string]struct {
		options *server.Options
		want    error
	}{
		"no protection": {&server.Options{}, server.ErrExposed},
		"TLS alone":     {&server.Options{TLS: &tls.Config{}}, server.ErrExposed},
		"insecure":      {&server.Options{Insecure: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := server.New(nil, test.options)
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("tcp", "0.0.0.0:0")
			if err != nil {
				t.Fatal(err)
			}
			if test.want == nil {
				if err := server.Guard(l.Addr()); !errors.Is(err, server.ErrExposed) {
					t.Errorf("Guard: got %v", err)
				}
				if err := s.Shutdown(t.Context()); err != nil {
					t.Fatal(err)
				}
				test.want = server.ErrClosed // which comes after the other
			}
			if err := s.Serve(l); !errors.Is(err, test.want) {
				t.Errorf("Serve: got %v, want %v", err, test.want)
			}
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("the listener was left open: %v", err)
			}
		})
	}
}

func TestServeOnce(t *testing.T) {
	h := serve(t, nil)
	if err := appendTo(within(t), dial(t, h.addr, nil), "a", "x"); err != nil {
		t.Fatal(err)
	}
	if err := h.ListenAndServe("127.0.0.1:0"); !errors.Is(err, server.ErrClosed) {
		t.Errorf("got %v, want %v", err, server.ErrClosed)
	}
	if h.Addr().String() != h.addr {
		t.Errorf("Addr: got %v, want %v", h.Addr(), h.addr)
	}
}

func TestMetricsAndHealth(t *testing.T) {
	h := serve(t, &server.Options{Instruments: telemetry.New(telemetry.Options{})})
	if err := appendTo(within(t), dial(t, h.addr, nil), "a", "x"); err != nil {
		t.Fatal(err)
	}
	c := overHTTP(t, 1, nil)
	for path, want := range map[string]string{
		"/metrics":      `cairn_connections{protocol="grpc"} 1`,
		"/health/ready": `"ready":true`,
		"/ping":         "Ping",
	} {
		if code, _, body := get(t, c, "http://"+h.addr+path); code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: got %d without %q:\n%.300s", path, code, want, body)
		}
	}
	if _, _, body := get(t, c, "http://"+h.addr+"/metrics"); !strings.Contains(body, `route="GET /ping"`) {
		t.Errorf("the metrics do not know the route of /ping:\n%.3000s", body)
	}
}

// TestConnections finds that there is a limit, and room again when others
// leave.
func TestConnections(t *testing.T) {
	h := serve(t, &server.Options{Limits: server.Limits{Connections: 3}})
	var open []net.Conn
	for range 3 {
		c, err := net.Dial("tcp", h.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n")
		if _, err := io.ReadFull(c, make([]byte, 12)); err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("a connection too many was answered with %d bytes", n)
	}
	for _, c := range open {
		c.Close()
	}
	again := overHTTP(t, 1, nil)
	for end := time.Now().Add(patience); ; {
		if r, err := again.Get("http://" + h.addr + "/ping"); err == nil {
			r.Body.Close()
			break
		} else if time.Now().After(end) {
			t.Fatalf("there is no room although others have left: %v", err)
		}
	}
}

// TestREST finds the HTTP interface, and that its followers are told of a
// shutdown.
func TestREST(t *testing.T) {
	h := serve(t, nil)
	c := overHTTP(t, 1, nil)
	if code, _, body := get(t, c, "http://"+h.addr+"/api/v1/openapi.json"); code != 200 || !strings.Contains(body, `"openapi"`) {
		t.Errorf("the document: got %d, %.100s", code, body)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.addr+"/api/v1/events?follow=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	follower, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer follower.Body.Close()
	if follower.StatusCode != 200 {
		t.Fatalf("the follower: got %v", follower.Status)
	}
	if err := h.Shutdown(within(t)); err != nil {
		t.Error(err)
	}
	if said, err := io.ReadAll(follower.Body); err != nil || !strings.Contains(string(said), "event:") {
		t.Errorf("the follower was told %q, %v", said, err)
	}
}
