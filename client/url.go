package client

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Scheme is that of the URLs that name a Cairn server.
const Scheme = "cairn"

// DefaultPort is where a Cairn server listens unless told otherwise.
const DefaultPort = "2113"

// An Address says where a server is and how to prove who calls.
type Address struct {
	// Host is "host:port".
	Host string

	// TLS is how to verify the server and, if it holds a certificate, what to
	// show it. Nil means no TLS: everything can be read and changed on its way.
	TLS *tls.Config

	// User and Password prove who calls. Without a user the caller is anonymous.
	User, Password string
}

// String returns the host, and never the password.
func (a Address) String() string { return a.Host }

// ParseURL reads the URL of a server:
//
//	cairn://[user:password@]host[:port][?parameter=value&…]
//
// The port is 2113 if none is given. TLS is used unless it is turned off. Names
// of parameters may be written in any case:
//
//	tls            "false" uses no TLS; "true" is the default
//	tlsCaFile      the file of the certificates, in PEM, to trust in place of the system's
//	tlsVerifyCert  "false" accepts any certificate: for tests
//	userCertFile   the file of a certificate, in PEM, that says who calls,
//	userKeyFile    and that of its key
//
// The error names the parameter that is wrong and never holds the password. It is
// also an error if a file cannot be read.
func ParseURL(s string) (Address, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Address{}, fmt.Errorf("client: the address is not a URL such as cairn://localhost:2113: %w", innermost(err))
	}
	if u.Scheme != Scheme {
		return Address{}, fmt.Errorf("client: the address begins with %q; want %q, as in cairn://localhost:2113", u.Scheme+":", Scheme+"://")
	}
	a := Address{User: u.User.Username()}
	a.Password, _ = u.User.Password()
	if a.Host, err = hostOf(u); err != nil {
		return Address{}, err
	}
	if u.Path != "" && u.Path != "/" {
		return Address{}, fmt.Errorf("client: the address has the path %q; it must have none", u.Path)
	}
	a.TLS, err = tlsOf(u.RawQuery)
	return a, err
}

// innermost is an error of url.Parse without the URL, which may hold a password.
func innermost(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}

func hostOf(u *url.URL) (string, error) {
	host, port := u.Hostname(), u.Port()
	switch {
	case host == "":
		return "", fmt.Errorf("client: the address names no host, as cairn://localhost:2113 does")
	case strings.ContainsAny(host, "[]"):
		return "", fmt.Errorf("client: the address names the host %q, which has a stray bracket; [::1] is how IPv6 is written", host)
	case strings.Contains(u.Host, ","):
		return "", fmt.Errorf("client: the address names several hosts; a Cairn server is one")
	case port == "":
		port = DefaultPort
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("client: port %q is not a number from 1 to 65535", port)
	}
	return net.JoinHostPort(host, port), nil
}

// parameters are the names that a URL may have, in lower case and as they are
// written.
var parameters = map[string]string{
	"tls": "tls", "tlscafile": "tlsCaFile", "tlsverifycert": "tlsVerifyCert",
	"usercertfile": "userCertFile", "userkeyfile": "userKeyFile",
}

// tlsOf is what the parameters say.
func tlsOf(query string) (*tls.Config, error) {
	given, err := givenParameters(query)
	if err != nil {
		return nil, err
	}
	use, err := truth("tls", given, true)
	if err != nil {
		return nil, err
	}
	verify, err := truth("tlsVerifyCert", given, true)
	if err != nil {
		return nil, err
	}
	if !use {
		if given["userCertFile"] != "" || given["userKeyFile"] != "" {
			return nil, fmt.Errorf("client: userCertFile and userKeyFile need TLS, and tls is false")
		}
		return nil, nil
	}
	c := &tls.Config{InsecureSkipVerify: !verify, MinVersion: tls.VersionTLS12}
	if err := trust(c, given["tlsCaFile"]); err != nil {
		return nil, err
	}
	return c, identify(c, given["userCertFile"], given["userKeyFile"])
}

func givenParameters(query string) (map[string]string, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("client: the parameters of the address: %w", err)
	}
	given := map[string]string{}
	for key, list := range values {
		name, known := parameters[strings.ToLower(key)]
		if !known {
			return nil, fmt.Errorf("client: there is no parameter %q; there are %s", key, strings.Join(parameterNames(), ", "))
		}
		if _, twice := given[name]; twice || len(list) > 1 {
			return nil, fmt.Errorf("client: parameter %s is given more than once", name)
		}
		given[name] = list[0]
	}
	return given, nil
}

func parameterNames() (names []string) {
	for _, name := range parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func truth(name string, given map[string]string, otherwise bool) (bool, error) {
	value, ok := given[name]
	if !ok {
		return otherwise, nil
	}
	switch strings.ToLower(value) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("client: parameter %s is %q; want true or false", name, value)
}

// trust has the certificates of a file trusted in place of the system's.
func trust(c *tls.Config, file string) error {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("client: parameter tlsCaFile: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("client: parameter tlsCaFile: %s holds no certificate in PEM", file)
	}
	return nil
}

// identify has the certificate of a file shown to the server.
func identify(c *tls.Config, cert, key string) error {
	switch {
	case cert == "" && key == "":
		return nil
	case cert == "":
		return fmt.Errorf("client: parameter userKeyFile is given and userCertFile is not")
	case key == "":
		return fmt.Errorf("client: parameter userCertFile is given and userKeyFile is not")
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("client: parameters userCertFile and userKeyFile: %w", err)
	}
	c.Certificates = []tls.Certificate{pair}
	return nil
}
