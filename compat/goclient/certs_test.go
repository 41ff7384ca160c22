package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestIssueAll: what is issued is good for a server and for a client, and
// replaces files that cannot be written to.
func TestIssueAll(t *testing.T) {
	dir := t.TempDir()
	pool := writeAuthority(t, dir)
	for _, name := range []string{"node1", "node2", "node3", "user-admin", "user-invalid"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "node1", "node.crt"), []byte("old"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := issueAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, subject, host string
		usage               x509.ExtKeyUsage
	}{
		{"node1/node", "eventstoredb-node", "localhost", x509.ExtKeyUsageServerAuth},
		{"node3/node", "eventstoredb-node", "127.0.0.1", x509.ExtKeyUsageServerAuth},
		{"user-admin/user-admin", "admin", "", x509.ExtKeyUsageClientAuth},
		{"user-invalid/user-invalid", "invalid", "", x509.ExtKeyUsageClientAuth},
	} {
		path := filepath.Join(dir, filepath.FromSlash(tt.name))
		pair, err := tls.LoadX509KeyPair(path+".crt", path+".key")
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		_, err = pair.Leaf.Verify(x509.VerifyOptions{DNSName: tt.host, Roots: pool, KeyUsages: []x509.ExtKeyUsage{tt.usage}})
		if err != nil || pair.Leaf.Subject.CommonName != tt.subject {
			t.Errorf("%s: of %s: %v", tt.name, pair.Leaf.Subject, err)
		}
	}
}

// writeAuthority writes an authority as the client's module has it.
func writeAuthority(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "ca"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writePEM(filepath.Join(dir, "ca", "ca.crt"), "CERTIFICATE", der); err != nil {
		t.Fatal(err)
	}
	if err := writePEM(filepath.Join(dir, "ca", "ca.key"), "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)); err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}
