package client_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/rpc"
)

func TestParseURL(t *testing.T) {
	for text, want := range map[string]client.Address{
		"cairn://localhost?tls=false":                {Host: "localhost:2113"},
		"cairn://localhost:99/?TLS=False":            {Host: "localhost:99"},
		"cairn://ann:p%40ss%3A@db.example?tls=false": {Host: "db.example:2113", User: "ann", Password: "p@ss:"},
		"cairn://[::1]:5?tls=false":                  {Host: "[::1]:5"},
		"cairn://[::1]?tls=false":                    {Host: "[::1]:2113"},
	} {
		got, err := client.ParseURL(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	secure, err := client.ParseURL("cairn://localhost")
	if err != nil || secure.TLS == nil || secure.TLS.InsecureSkipVerify {
		t.Errorf("got %+v, %v", secure, err)
	}
	trusting, err := client.ParseURL("cairn://localhost?tlsVerifyCert=false")
	if err != nil || trusting.TLS == nil || !trusting.TLS.InsecureSkipVerify {
		t.Errorf("got %+v, %v", trusting, err)
	}
}

// TestBadURLs: the error names what is wrong, and never the password.
func TestBadURLs(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for text, says := range map[string]string{
		"localhost:2113":                                  "cairn://",
		"":                                                "cairn://",
		"kurrentdb://localhost":                           `"kurrentdb:"`,
		"cairn://":                                        "no host",
		"cairn://:2113":                                   "no host",
		"cairn://]0":                                      "stray bracket",
		"cairn://ann:secret@h:0":                          `port "0"`,
		"cairn://ann:secret@h:99999":                      `port "99999"`,
		"cairn://ann:secret@h:x":                          "invalid port",
		"cairn://ann:secret@a,b":                          "several hosts",
		"cairn://h/path":                                  `"/path"`,
		"cairn://h?tls=maybe":                             "parameter tls",
		"cairn://h?tlsVerifyCert=1":                       "parameter tlsVerifyCert",
		"cairn://h?wait=3":                                `"wait"`,
		"cairn://h?tls=true&TLS=false":                    "tls is given more than once",
		"cairn://h?tls=true&tls=true":                     "tls is given more than once",
		"cairn://h?tlsCaFile=/not/there":                  "parameter tlsCaFile",
		"cairn://h?tlsCaFile=" + empty:                    "no certificate",
		"cairn://h?userCertFile=a":                        "userKeyFile",
		"cairn://h?userKeyFile=a":                         "userCertFile",
		"cairn://h?userKeyFile=/a&userCertFile=/b":        "userCertFile and userKeyFile",
		"cairn://h?tls=false&userKeyFile=a&userCertFile=": "tls is false",
		"cairn://ann:secret@h?%zz":                        "parameters",
		"cairn://ann:secret%zz@h":                         "not a URL",
	} {
		_, err := client.ParseURL(text)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want one that says %s", text, err, says)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("cairn://ann:secret@localhost:2113?tls=false&tlsVerifyCert=true")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToLower(text), "file") {
			return // do not read files
		}
		a, err := client.ParseURL(text)
		if err != nil {
			return
		}
		if _, _, err := net.SplitHostPort(a.Host); err != nil {
			t.Errorf("%q: host %q", text, a.Host)
		}
	})
}

// certificate makes a certificate for the local host, signed by itself, and writes
// it and its key.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ann"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return write(t, dir, "cert.pem", "CERTIFICATE", der), write(t, dir, "key.pem", "PRIVATE KEY", secret)
}

func write(t *testing.T, dir, name, kind string, bytes []byte) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestTLS connects with a certificate to trust, and with one to show.
func TestTLS(t *testing.T) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	who := make(chan string, 100)
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequestClientCert})),
		grpc.UnaryInterceptor(asker(who)))
	service := rpc.New(store, access.Open(), rpc.Options{})
	service.Register(server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		server.Stop()
		service.Wait()
		serving.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	address := listener.Addr().String()
	c, err := client.Dial(t.Context(), "cairn://ann:secret@"+address+"?tlsCaFile="+certFile+"&userCertFile="+certFile+"&userKeyFile="+keyFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := soon(t, who); got != "Basic YW5uOnNlY3JldA==" {
		t.Errorf("the server is told %q", got)
	}
	if _, err := c.Append(t.Context(), "s", cairn.NoStream, event()); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	_, err = client.Dial(t.Context(), "cairn://"+address, nil)
	if err == nil || !strings.Contains(err.Error(), "tlsCaFile") {
		t.Errorf("an unknown authority: got %v", err)
	}
	_, err = client.Dial(t.Context(), "cairn://bob:secret@"+address+"?tlsVerifyCert=false", nil)
	want(t, err, client.ErrUnauthenticated)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, errCause)
	defer cancel()
	_, err = client.Dial(ctx, "cairn://"+address+"?tls=false", nil)
	want(t, err, client.ErrUnavailable, errCause)
}

// asker tells what the caller says, and lets everybody in but Bob.
func asker(who chan string) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
		said := metadata.ValueFromIncomingContext(ctx, "authorization")
		if len(said) == 1 {
			who <- said[0]
		}
		if len(said) == 1 && strings.HasPrefix(said[0], "Basic Ym9i") {
			return nil, status.Error(codes.Unauthenticated, "not Bob")
		}
		return h(ctx, r)
	}
}

// TestWrongServers speak something else.
func TestWrongServers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other := grpc.NewServer()
	var serving sync.WaitGroup
	serving.Go(func() { _ = other.Serve(listener) })
	defer serving.Wait()
	defer other.Stop()
	_, err = client.Dial(t.Context(), "cairn://"+listener.Addr().String()+"?tls=false", nil)
	if err == nil || errors.Is(err, client.ErrUnavailable) || !strings.Contains(err.Error(), "protocol") {
		t.Errorf("got %v", err)
	}
}
