package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/cairntest"
	"github.com/cairndb/cairn/server"
)

// impatient are limits that a test can wait for.
var impatient = server.Limits{
	HandshakeTime: 200 * time.Millisecond,
	HeaderTime:    200 * time.Millisecond,
	IdleTime:      300 * time.Millisecond,
	MessageSize:   1 << 20,
}

// open connects to a port and sends something.
func open(t *testing.T, addr string, sent string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, sent); err != nil {
		t.Fatal(err)
	}
	return c
}

// closes reads until the server closes the connection and returns what it said.
func closes(t *testing.T, c net.Conn) string {
	t.Helper()
	said, err := io.ReadAll(c)
	if errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
		t.Errorf("the server keeps the connection open; it said %q", said)
	}
	return string(said)
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// frames is what a client of HTTP/2 begins with, and more.
func frames(more func(*http2.Framer)) string {
	var b bytes.Buffer
	b.WriteString(http2.ClientPreface)
	f := http2.NewFramer(&b, nil)
	f.WriteSettings() // to memory: cannot fail
	more(f)
	return b.String()
}

// rawCall is a call of gRPC whose message is these bytes.
func rawCall(message string) string {
	return frames(func(f *http2.Framer) {
		var block bytes.Buffer
		block.WriteString("\x83\x86") // POST, http
		for _, field := range [][2]string{{":path", "/event_store.client.streams.Streams/Append"}, {":authority", "a"}, {"content-type", "application/grpc"}} {
			block.WriteByte(0)
			for _, part := range field {
				block.WriteByte(byte(len(part)))
				block.WriteString(part)
			}
		}
		f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true})
		f.WriteData(1, true, []byte(message))
	})
}

// attacks on a server that does not encrypt.
var attacks = map[string]func(*testing.T, string){
	"garbage": func(t *testing.T, addr string) {
		r := rand.NewChaCha8([32]byte{1})
		for range 2 {
			b := make([]byte, 2000)
			r.Read(b)
			c := open(t, addr, string(b)+"\r\n\r\n")
			closes(t, c)
		}
	},
	"garbage after the preface": func(t *testing.T, addr string) {
		r := rand.NewChaCha8([32]byte{2})
		for range 2 {
			b := make([]byte, 2000)
			r.Read(b)
			closes(t, open(t, addr, http2.ClientPreface+string(b)))
		}
	},
	"nothing": func(t *testing.T, addr string) { closes(t, open(t, addr, "")) },
	"half a preface": func(t *testing.T, addr string) {
		closes(t, open(t, addr, http2.ClientPreface[:10]))
		open(t, addr, http2.ClientPreface[:10]).Close()
	},
	"a preface alone": func(t *testing.T, addr string) { closes(t, open(t, addr, http2.ClientPreface)) },
	"half a frame":    func(t *testing.T, addr string) { closes(t, open(t, addr, rawCall("")[:60])) },
	"no call":         func(t *testing.T, addr string) { closes(t, open(t, addr, frames(func(*http2.Framer) {}))) },
	"half a header":   func(t *testing.T, addr string) { closes(t, open(t, addr, "GET /ping HTTP/1.1\r\nHost: ")) },
	"an endless header": func(t *testing.T, addr string) {
		c := open(t, addr, "GET /ping HTTP/1.1\r\nHost: a\r\n")
		for range 100 {
			if _, err := io.WriteString(c, "X: "+strings.Repeat("x", 4000)+"\r\n"); err != nil {
				return // cut off, as it should be
			}
		}
		if said := closes(t, c); !strings.Contains(said, " 431 ") {
			t.Errorf("got %.100q, want 431", said)
		}
	},
	"byte by byte": func(t *testing.T, addr string) {
		c := open(t, addr, "")
		begun := time.Now()
		for i := range len(http2.ClientPreface) {
			if _, err := io.WriteString(c, http2.ClientPreface[i:i+1]); err != nil {
				break
			}
			if c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); i < 23 {
				if _, err := c.Read(make([]byte, 1)); !isTimeout(err) {
					break
				}
			}
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took the server %v to end this", took)
		}
	},
	"an oversized frame": func(t *testing.T, addr string) {
		said := closes(t, open(t, addr, frames(func(*http2.Framer) {})+"\xff\xff\xff\x01\x04\x00\x00\x00\x01"))
		if !strings.Contains(said, "\x00\x00\x00\x06") { // FRAME_SIZE_ERROR
			t.Errorf("got %q, want FRAME_SIZE_ERROR", said)
		}
	},
	"an oversized message": func(t *testing.T, addr string) {
		if err := appendTo(within(t), dial(t, addr, nil), "a", strings.Repeat("x", 2<<20)); status.Code(err) != codes.ResourceExhausted {
			t.Errorf("got %v, want RESOURCE_EXHAUSTED", err)
		}
	},
	"a message that says it is oversized": func(t *testing.T, addr string) {
		c := open(t, addr, rawCall("\x00\xff\xff\xff\xff"))
		if code, text := outcome(t, c); code != "8" || !strings.Contains(text, "1048576") {
			t.Errorf("got %s %q, want 8, RESOURCE_EXHAUSTED, and the limit", code, text)
		}
	},
	"a message that is none": func(t *testing.T, addr string) {
		c := open(t, addr, rawCall("\x00\x00\x00\x00\x04\xff\xff\xff\xff"))
		if code, text := outcome(t, c); code != "13" || text == "" {
			t.Errorf("got %s %q, want 13, INTERNAL, and why", code, text)
		}
	},
	"an expired deadline": func(t *testing.T, addr string) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		if err := appendTo(ctx, dial(t, addr, nil), "a", "x"); status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("got %v, want DEADLINE_EXCEEDED", err)
		}
	},
	"a deadline that expires": func(t *testing.T, addr string) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		call, err := streams.NewStreamsClient(dial(t, addr, nil)).Append(ctx)
		if err != nil {
			t.Fatal(err)
		}
		call.Send(options("deadline"))
		if err := call.RecvMsg(&streams.AppendResp{}); status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("got %v, want DEADLINE_EXCEEDED", err)
		}
	},
	"TLS where there is none": func(t *testing.T, addr string) {
		if c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true}); err == nil {
			c.Close()
			t.Error("the handshake succeeded")
		}
	},
	"no gRPC service": func(t *testing.T, addr string) {
		if err := dial(t, addr, nil).Invoke(within(t), "/no.Such/Thing", options("a"), options("a")); status.Code(err) != codes.Unimplemented {
			t.Errorf("got %v, want UNIMPLEMENTED", err)
		}
	},
	"a client that disappears": func(t *testing.T, addr string) {
		for range 5 {
			conn := dial(t, addr, nil)
			call, err := streams.NewStreamsClient(conn).Append(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(call.Send(options("disappeared")), call.Send(proposed("x")), appendTo(within(t), conn, "a", "x")); err != nil {
				t.Fatal(err)
			}
			conn.Close()
		}
	},
}

// outcome reads what a server answers to a raw call, up to its status.
func outcome(t *testing.T, c net.Conn) (code, text string) {
	t.Helper()
	f := http2.NewFramer(io.Discard, c)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		got, err := f.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		h, ok := got.(*http2.MetaHeadersFrame)
		if !ok {
			continue
		}
		for _, field := range h.Fields {
			switch field.Name {
			case "grpc-status":
				code = field.Value
			case "grpc-message":
				text = field.Value
			}
		}
		if code != "" {
			return code, text
		}
	}
}

// TestHostile lets clients misbehave, while one that behaves must not notice.
func TestHostile(t *testing.T) {
	h := serve(t, &server.Options{Limits: impatient})
	good := dial(t, h.addr, nil)
	if err := appendTo(within(t), good, "good", "x"); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			follower := follow(t, within(t), streams.NewStreamsClient(good))
			attack(t, h.addr)
			if err := appendTo(within(t), good, "good", "x"); err != nil {
				t.Errorf("the client that behaves: %v", err)
			}
			if _, err := follower.Recv(); err != nil {
				t.Errorf("the follower that behaves: %v", err)
			}
		})
	}
	settled(t, before)
	if n := count(t, h.store, "disappeared"); n != 0 {
		t.Errorf("got %d events of clients that disappeared, want none", n)
	}
}

// TestHostileMemory finds that connections which were misused leave nothing.
func TestHostileMemory(t *testing.T) {
	h := serve(t, &server.Options{Limits: impatient})
	misuse := func() {
		for range 200 {
			c := open(t, h.addr, frames(func(f *http2.Framer) { f.WriteRawFrame(1, 4, 1, make([]byte, 16000)) }))
			c.Close()
		}
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	misuse()
	before, running := heap(), runtime.NumGoroutine()
	misuse()
	misuse()
	settled(t, running)
	for end := time.Now().Add(patience); heap() > before+1<<20; { // timers keep some for a second
		if time.Now().After(end) {
			t.Fatalf("the heap grew from %d to %d bytes", before, heap())
		}
	}
}

// TestHostileTLS is about what goes wrong below the protocols.
func TestHostileTLS(t *testing.T) {
	s := cairntest.Start(t, cairntest.With(server.Options{Limits: impatient}), cairntest.TLS())
	other := cairntest.Start(t, cairntest.TLS())
	for name, attack := range map[string]func(*testing.T){
		"HTTP without TLS": func(t *testing.T) {
			if said := closes(t, open(t, s.Addr(), "GET / HTTP/1.1\r\n\r\n")); !strings.HasPrefix(said, "HTTP/1.0 400 ") || !strings.Contains(said, "TLS") {
				t.Errorf("got %q, want 400 and why", said)
			}
		},
		"gRPC without TLS": func(t *testing.T) {
			err := appendTo(within(t), dial(t, s.Addr(), nil), "a", "x")
			if status.Code(err) != codes.Unavailable {
				t.Errorf("got %v, want UNAVAILABLE", err)
			}
		},
		"no handshake":     func(t *testing.T) { closes(t, open(t, s.Addr(), "")) },
		"half a handshake": func(t *testing.T) { closes(t, open(t, s.Addr(), "\x16\x03\x01\x02\x00\x01\x00")) },
		"garbage":          func(t *testing.T) { closes(t, open(t, s.Addr(), strings.Repeat("garbage", 100))) },
		"an old TLS": func(t *testing.T) {
			config := s.ClientTLS(t)
			config.MaxVersion = tls.VersionTLS11
			config.MinVersion = tls.VersionTLS10
			if c, err := tls.Dial("tcp", s.Addr(), config); err == nil {
				c.Close()
				t.Error("TLS 1.1 was accepted")
			}
		},
		"a certificate of somebody else's": func(t *testing.T) {
			pair, err := tls.LoadX509KeyPair(other.UserCertificate(t, "admin"))
			if err != nil {
				t.Fatal(err)
			}
			config := s.ClientTLS(t)
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
			if err := appendTo(within(t), dial(t, s.Addr(), credentials.NewTLS(config)), "a", "x"); status.Code(err) != codes.Unavailable {
				t.Errorf("gRPC: got %v, want UNAVAILABLE", err)
			}
			if r, err := overHTTP(t, 1, config).Get(s.HTTP() + "/ping"); err == nil {
				r.Body.Close()
				t.Errorf("HTTP: got %v, want an error", r.Status)
			}
		},
		"a wrong password": func(t *testing.T) {
			conn := dial(t, s.Addr(), credentials.NewTLS(s.ClientTLS(t)))
			if err := appendTo(basic(within(t), "admin", "guess"), conn, "a", "x"); status.Code(err) != codes.Unauthenticated {
				t.Errorf("got %v, want UNAUTHENTICATED", err)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.HTTP()+"/ping", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.SetBasicAuth("admin", "guess")
			answer, err := overHTTP(t, 2, s.ClientTLS(t)).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("got %v, want 401", answer.Status)
			}
		},
		"a certificate": func(t *testing.T) {
			pair, err := tls.LoadX509KeyPair(s.UserCertificate(t, "admin"))
			if err != nil {
				t.Fatal(err)
			}
			config := s.ClientTLS(t)
			config.Certificates = []tls.Certificate{pair}
			if err := appendTo(within(t), dial(t, s.Addr(), credentials.NewTLS(config)), "a", "x"); err != nil {
				t.Errorf("the user that it names: got %v, want success", err)
			}
		},
	} {
		t.Run(name, attack)
	}
}
