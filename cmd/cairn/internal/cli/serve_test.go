package cli

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A served is a server that runs while the test goes on.
type served struct {
	t     *testing.T
	addr  string
	first string // what it said about itself
	stop  context.CancelFunc
	done  chan int
	said  chan string // the rest of it
}

// serveFor runs cairn serve until stopped, on a free port.
func serveFor(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ready := filepath.Join(t.TempDir(), "ready")
	s := &served{t: t, stop: stop, done: make(chan int, 1), said: make(chan string, 1)}
	out, errs := io.Pipe()
	go func() {
		args = append([]string{"serve", "--listen", "127.0.0.1:0", "--ready-file", ready}, args...)
		s.done <- Run(ctx, args, nil, io.Discard, errs)
		errs.Close()
	}()
	t.Cleanup(func() { s.end() })
	begun := bufio.NewReader(out)
	for !strings.Contains(s.first, "/openapi.json") {
		line, err := begun.ReadString('\n')
		if s.first += line; err != nil {
			t.Fatalf("it does not serve: %s", s.first)
		}
	}
	go func() {
		rest, _ := io.ReadAll(begun) // a pipe, which ends without an error
		s.said <- string(rest)
	}()
	until := time.Now().Add(10 * time.Second)
	for s.addr == "" && time.Now().Before(until) { // it appears right after
		b, _ := os.ReadFile(ready)
		s.addr = strings.TrimSpace(string(b))
	}
	return s
}

// end stops the server and returns what else it said; again does nothing.
func (s *served) end() string {
	if s.said == nil {
		return ""
	}
	s.stop()
	if status := <-s.done; status != statusOK {
		s.t.Errorf("exit status %d, want 0", status)
	}
	said := <-s.said
	s.said = nil
	return said
}

func request(t *testing.T, c *http.Client, method, url, user, password, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// client makes a client that leaves no connection behind.
func client(t *testing.T, roots *x509.CertPool) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestServeMemory(t *testing.T) {
	s := serveFor(t, "--memory")
	said := s.first + s.end()
	for _, want := range []string{"serves memory on " + s.addr, "kurrentdb://" + s.addr + "?tls=false", "cairn://" + s.addr, "http://" + s.addr + "/api/v1", "everybody is an administrator"} {
		if !strings.Contains(said, want) {
			t.Errorf("there is no %q in:\n%s", want, said)
		}
	}
}

// TestServeOpen serves everybody, which is said loudly and with the reason.
func TestServeOpen(t *testing.T) {
	t.Setenv("KURRENTDB_INSECURE", "true")
	for _, format := range []string{"text", "json"} {
		s := serveFor(t, "--memory", "--listen", "0.0.0.0:0", "--log-format", format)
		said := s.first + s.end()
		for _, want := range []string{"OPEN TO EVERYBODY", "KURRENTDB_INSECURE", "from --listen"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: there is no %q in:\n%s", format, want, said)
			}
		}
	}
	s := serveFor(t, "--memory")
	if said := s.first + s.end(); strings.Contains(said, "OPEN TO EVERYBODY") {
		t.Errorf("a server for this machine alone said:\n%s", said)
	}
}

// TestServeAgain stops a server and starts it over the same store.
func TestServeAgain(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	c := client(t, nil)
	s := serveFor(t, "--store", store)
	if code, body := request(t, c, "POST", "http://"+s.addr+"/api/v1/streams/a", "", "", `[{"type":"t","data":{"n":1}}]`); code >= 300 {
		t.Fatalf("append: got %d, %s", code, body)
	}
	if code, body := request(t, c, "GET", "http://"+s.addr+"/metrics", "", "", ""); !strings.Contains(body, "cairn_commit") {
		t.Errorf("the metrics do not tell of commits: %d, %.200s", code, body)
	}
	if status := Run(t.Context(), []string{"stat", "--store", store}, nil, io.Discard, io.Discard); status != statusFailed {
		t.Errorf("another command could use the store meanwhile")
	}
	if said := s.end(); !strings.Contains(said, "stopping") {
		t.Errorf("it does not say that it stops: %q", said)
	}
	s = serveFor(t, "--store", store)
	if code, body := request(t, c, "GET", "http://"+s.addr+"/api/v1/streams/a", "", "", ""); code != 200 || !strings.Contains(body, `"n":1`) {
		t.Errorf("read: got %d, %s", code, body)
	}
}

// certificate writes a certificate for this machine that vouches for itself.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	roots = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(parsed)
	return write("cert", "CERTIFICATE", raw), write("key", "PRIVATE KEY", secret), roots
}

// TestServeTLS serves users, whose first password comes from a file.
func TestServeTLS(t *testing.T) {
	cert, key, roots := certificate(t)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("open sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveFor(t, "--memory", "--tls-cert", cert, "--tls-key", key, "--tls-ca", cert, "--admin-password-file", password, "--log-format", "json")
	var line struct {
		Msg, Address, HTTP string
		Secure             bool
	}
	if err := json.Unmarshal([]byte(s.first), &line); err != nil || line.Msg != "serving" || !line.Secure || line.Address != s.addr {
		t.Errorf("it said %s, %v", s.first, err)
	}
	t.Setenv("CAIRN_TLS_CERT", cert)
	t.Setenv("CAIRN_TLS_KEY", key)
	for _, args := range [][]string{{"health"}, {"health", "--ready"}} {
		var said strings.Builder
		if status := Run(t.Context(), append(args, "--listen", s.addr), nil, &said, &said); status != statusOK || said.Len() == 0 {
			t.Errorf("%q: exit status %d, %s", args, status, &said)
		}
	}
	c := client(t, roots)
	for _, try := range []struct {
		user, password string
		want           int
	}{{"admin", "open sesame", 200}, {"admin", "changeit", 401}, {"ops", "changeit", 200}, {"nobody", "x", 401}} {
		if code, body := request(t, c, "GET", "https://"+s.addr+"/stats", try.user, try.password, ""); code != try.want {
			t.Errorf("%s, %s: got %d, want %d: %.100s", try.user, try.password, code, try.want, body)
		}
	}
}

// TestServeNotifies is about a server that systemd has started.
func TestServeNotifies(t *testing.T) {
	dir, err := os.MkdirTemp("", "cairn") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Skip("there are no such sockets here: ", err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	s := serveFor(t, "--memory", "--pprof", "127.0.0.1:0")
	s.end()
	if status := Run(t.Context(), []string{"health", "--listen", s.addr}, nil, io.Discard, io.Discard); status != statusFailed {
		t.Errorf("health afterwards: exit status %d, want %d", status, statusFailed)
	}
	for _, want := range []string{"READY=1\nSTATUS=serving on " + s.addr, "STOPPING=1"} {
		b := make([]byte, 1000)
		l.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := l.Read(b)
		if got := string(b[:n]); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}
