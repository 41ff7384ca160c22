package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// CertificateFiles are the files, in PEM, that encryption needs.
type CertificateFiles struct {
	Certificate string // the server's, and those that lead to its root
	Key         string

	// ClientCA vouches for the certificates by which clients say who they are:
	// a file, or a directory of files. Empty asks clients for none. Clients
	// may have none in any case.
	ClientCA string

	// Logger is told when the files have changed. Nil is silent.
	Logger *slog.Logger
}

// LoadTLS makes a configuration for [Options.TLS]. When the certificate's files
// change, connections made some seconds later get the new one, so it can be
// renewed without a restart; files that cannot be used change nothing.
func LoadTLS(f CertificateFiles) (*tls.Config, error) {
	if f.Logger == nil {
		f.Logger = slog.New(slog.DiscardHandler)
	}
	r := &renewal{files: f}
	if err := r.load(time.Now()); err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: r.certificate}
	if f.ClientCA == "" {
		return config, nil
	}
	pool, err := loadRoots(f.ClientCA)
	if err != nil {
		return nil, err
	}
	config.ClientCAs, config.ClientAuth = pool, tls.VerifyClientCertIfGiven
	return config, nil
}

// renewalTime is how long a certificate is used before its files are looked at.
const renewalTime = 5 * time.Second

// A renewal is a certificate that is loaded anew when its files have changed.
type renewal struct {
	files CertificateFiles

	mu      sync.Mutex
	current *tls.Certificate
	stamp   [2]time.Time // when the files were written
	looked  time.Time
}

// certificate is what [tls.Config.GetCertificate] wants.
func (r *renewal) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.looked) >= renewalTime {
		if err := r.load(now); err != nil {
			r.files.Logger.Warn("the certificate was not renewed", "error", err)
		}
	}
	return r.current, nil
}

// load reads the files if they are not those it knows.
func (r *renewal) load(now time.Time) error {
	r.looked = now
	var stamp [2]time.Time
	for i, path := range []string{r.files.Certificate, r.files.Key} {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("server: the certificate: %w", err)
		}
		stamp[i] = info.ModTime()
	}
	if r.current != nil && stamp == r.stamp {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(r.files.Certificate, r.files.Key)
	if err != nil {
		return fmt.Errorf("server: %s and %s: %w", r.files.Certificate, r.files.Key, err)
	}
	if r.current != nil {
		r.files.Logger.Info("the certificate was renewed", "until", pair.Leaf.NotAfter)
	}
	r.current, r.stamp = &pair, stamp
	return nil
}

// loadRoots reads certificates from a file, or from the files in a directory.
func loadRoots(path string) (*x509.CertPool, error) {
	files := []string{path}
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("server: the certificates that vouch for clients: %w", err)
	} else if info.IsDir() {
		files, _ = filepath.Glob(filepath.Join(path, "*")) // fails only for a malformed pattern
	}
	pool, found := x509.NewCertPool(), false
	for _, file := range files {
		pem, err := os.ReadFile(file)
		if err != nil && !isDir(file) {
			return nil, fmt.Errorf("server: the certificates that vouch for clients: %w", err)
		}
		found = pool.AppendCertsFromPEM(pem) || found
	}
	if !found {
		return nil, errors.New("server: " + path + " holds no certificate")
	}
	return pool, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
