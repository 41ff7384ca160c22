package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  any
}

// issueAll issues the certificates of the nodes and users anew, as those that
// come with the client's module have expired. The authority's own has not.
func issueAll(dir string) error {
	a, err := readAuthority(filepath.Join(dir, "ca"))
	if err != nil {
		return err
	}
	for _, node := range []string{"node1", "node2", "node3"} {
		if err := a.issue(filepath.Join(dir, node, "node"), "eventstoredb-node", x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth); err != nil {
			return err
		}
	}
	for _, user := range []string{"admin", "invalid"} {
		name := "user-" + user
		if err := a.issue(filepath.Join(dir, name, name), user, x509.ExtKeyUsageClientAuth); err != nil {
			return err
		}
	}
	return nil
}

func readAuthority(dir string) (*authority, error) {
	cert, err := readPEM(filepath.Join(dir, "ca.crt"))
	if err != nil {
		return nil, err
	}
	key, err := readPEM(filepath.Join(dir, "ca.key"))
	if err != nil {
		return nil, err
	}
	a := new(authority)
	if a.cert, err = x509.ParseCertificate(cert); err != nil {
		return nil, err
	}
	if a.key, err = x509.ParsePKCS1PrivateKey(key); err == nil {
		return a, nil
	}
	a.key, err = x509.ParsePKCS8PrivateKey(key)
	return a, err
}

func readPEM(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s is not PEM", path)
	}
	return block.Bytes, nil
}

// issue writes a key and a certificate that holds for a day.
func (a *authority) issue(path, name string, usage ...x509.ExtKeyUsage) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	now := time.Now()
	cert, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  usage,
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(writePEM(path+".crt", "CERTIFICATE", cert), writePEM(path+".key", "PRIVATE KEY", secret))
}

// writePEM replaces a file, which may be one that cannot be written to.
func writePEM(path, kind string, b []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600)
}
