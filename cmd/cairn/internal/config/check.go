package config

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

// check finds settings that do not go together.
func (l *Loaded) check() error {
	switch {
	case (l.TLSCert == "") != (l.TLSKey == ""):
		return l.wrong("tls-key", "a certificate and its key are set together: tls-cert and tls-key")
	case l.TLSCA != "" && l.TLSCert == "" && !l.Insecure:
		return l.wrong("tls-ca", "without tls-cert and tls-key there is nothing to encrypt with")
	case l.Pprof != "" && !loopback(l.Pprof):
		return l.wrong("pprof", "profiles are served on a loopback address only, such as 127.0.0.1:6060")
	case l.MaxAppendEventSize > l.MaxAppendSize:
		l.MaxAppendEventSize = l.MaxAppendSize
	}
	return errors.Join(l.onlyOne("admin-password", l.Admin), l.onlyOne("ops-password", l.Ops))
}

func (l *Loaded) onlyOne(name string, p Password) error {
	if p.Text != "" && p.File != "" {
		return l.wrong(name+"-file", name+" is set as well, by "+l.Origin(name))
	}
	return nil
}

func (l *Loaded) wrong(name, text string) error {
	return &ValueError{name, l.Origin(name), errors.New(text)}
}

// Origin is where a setting comes from.
func (l *Loaded) Origin(name string) string {
	if o, ok := l.Origins[name]; ok {
		return o
	}
	return "default"
}

// loopback reports whether an address can be reached from this machine only.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// Read is the password, from its file if it has one. It is empty if none is set.
func (p Password) Read() (string, error) {
	if p.File == "" {
		return p.Text, nil
	}
	data, err := os.ReadFile(p.File)
	if err != nil {
		return "", fmt.Errorf("reading a password: %w", err)
	}
	password := strings.TrimRight(string(data), "\r\n")
	if password == "" {
		return "", fmt.Errorf("reading a password: %s is empty", p.File)
	}
	return password, nil
}

// Secure reports whether what callers say is encrypted, and they are asked who
// they are.
func (c *Config) Secure() bool { return c.TLSCert != "" && !c.Insecure }
