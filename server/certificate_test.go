package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// put writes a certificate with a serial number, and its key.
func put(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: raw}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		stamp := time.Unix(1_000_000+serial, 0)
		if err := os.Chtimes(path, stamp, stamp); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRenewal(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert"), filepath.Join(dir, "key")
	put(t, cert, key, 1)
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		config, err := LoadTLS(CertificateFiles{Certificate: cert, Key: key, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		serial := func() int64 {
			c, err := config.GetCertificate(&tls.ClientHelloInfo{})
			if err != nil {
				t.Fatal(err)
			}
			return c.Leaf.SerialNumber.Int64()
		}
		want := func(when string, want int64) {
			t.Helper()
			if got := serial(); got != want {
				t.Errorf("%s: got the certificate %d, want %d", when, got, want)
			}
		}
		want("at first", 1)
		put(t, cert, key, 2)
		want("at once", 1)
		time.Sleep(renewalTime)
		want("some seconds later", 2)
		if err := os.WriteFile(key, []byte("broken"), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(renewalTime)
		want("with a broken key", 2)
		if err := os.Remove(cert); err != nil {
			t.Fatal(err)
		}
		time.Sleep(renewalTime)
		want("without a file", 2)
		put(t, cert, key, 3)
		time.Sleep(renewalTime)
		want("with files again", 3)
		if n := strings.Count(log.String(), "was not renewed"); n != 2 {
			t.Errorf("the log tells of %d renewals that failed, want 2:\n%s", n, &log)
		}
	})
}

func TestLoadTLS(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	put(t, at("cert"), at("key"), 1)
	put(t, at("cert2"), at("key2"), 2)
	roots := filepath.Join(dir, "roots")
	for _, d := range []string{roots, filepath.Join(roots, "below"), at("empty")} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(roots, "a.pem"), filepath.Join(roots, "a.key"), 3)
	for name, test := range map[string]struct {
		files CertificateFiles
		want  string // in the error
	}{
		"all":                {CertificateFiles{Certificate: at("cert"), Key: at("key"), ClientCA: at("cert2")}, ""},
		"a directory":        {CertificateFiles{Certificate: at("cert"), Key: at("key"), ClientCA: roots}, ""},
		"no certificate":     {CertificateFiles{Certificate: at("none"), Key: at("key")}, "none"},
		"no key":             {CertificateFiles{Certificate: at("cert"), Key: at("none")}, "none"},
		"another key":        {CertificateFiles{Certificate: at("cert"), Key: at("key2")}, "key2"},
		"no roots":           {CertificateFiles{Certificate: at("cert"), Key: at("key"), ClientCA: at("none")}, "none"},
		"an empty directory": {CertificateFiles{Certificate: at("cert"), Key: at("key"), ClientCA: at("empty")}, "holds no certificate"},
		"a key as root":      {CertificateFiles{Certificate: at("cert"), Key: at("key"), ClientCA: at("key")}, "holds no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := LoadTLS(test.files)
			if test.want == "" {
				if err != nil || config.ClientCAs == nil || config.ClientAuth != tls.VerifyClientCertIfGiven || config.MinVersion != tls.VersionTLS12 {
					t.Errorf("got %+v, %v", config, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error that names %q", err, test.want)
			}
		})
	}
}
