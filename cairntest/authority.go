package cairntest

import (
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
	"testing"
	"time"
)

// An authority issues certificates that are good for a test.
type authority struct {
	dir  string
	file string // its own certificate
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

// newAuthority makes an authority that keeps its files in a directory.
func newAuthority(dir string) (*authority, error) {
	a := &authority{dir: dir, file: filepath.Join(dir, "ca.crt"), pool: x509.NewCertPool()}
	about := template("cairntest")
	about.IsCA, about.BasicConstraintsValid, about.KeyUsage = true, true, x509.KeyUsageCertSign
	pair, err := a.issue(about)
	if err != nil {
		return nil, err
	}
	a.cert = pair.Leaf
	a.pool.AddCert(pair.Leaf)
	return a, write(a.file, "CERTIFICATE", pair.Leaf.Raw)
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

// issue makes a key and signs a certificate for it; the first is its own.
func (a *authority) issue(about *x509.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	if a.key == nil {
		a.key, a.cert = key, about
	}
	raw, err := x509.CreateCertificate(rand.Reader, about, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(raw)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}, err
}

// server is the configuration of a server on the loopback interface.
func (a *authority) server() (*tls.Config, error) {
	about := template("localhost")
	about.DNSNames = []string{"localhost"}
	about.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	pair, err := a.issue(about)
	return &tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientCAs:    a.pool,
		ClientAuth:   tls.VerifyClientCertIfGiven,
	}, err
}

// ClientTLS is the configuration of a client that trusts the server. It fails
// the test without [TLS].
func (s *Server) ClientTLS(t testing.TB) *tls.Config {
	t.Helper()
	if s.certs == nil {
		t.Fatal("cairntest: the server does not encrypt; start it with cairntest.TLS()")
	}
	return &tls.Config{RootCAs: s.certs.pool}
}

// UserCertificate makes a certificate by which a client says that it is a user,
// and returns the files with it and with its key. It fails the test without
// [TLS].
func (s *Server) UserCertificate(t testing.TB, user string) (cert, key string) {
	t.Helper()
	if s.certs == nil {
		t.Fatal("cairntest: the server does not encrypt; start it with cairntest.TLS()")
	}
	pair, err := s.certs.issue(template(user))
	if err != nil {
		t.Fatalf("cairntest: %v", err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "user.crt"), filepath.Join(dir, "user.key")
	secret, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err := errors.Join(err, write(cert, "CERTIFICATE", pair.Certificate[0]), write(key, "PRIVATE KEY", secret)); err != nil {
		t.Fatalf("cairntest: %v", err)
	}
	return cert, key
}

func write(path, kind string, bytes []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600)
}
