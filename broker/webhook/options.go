package webhook

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// PublisherOptions are the settings of a [Publisher].
type PublisherOptions struct {
	// URL is the destination. The topic of a message, if it has one, is appended
	// to its path. It must be https, unless AllowPlain is set.
	URL string

	// Secrets sign each message, every one of them, so that a secret can be
	// changed: add the new one, have the receiver take it, remove the old one.
	// They are the base64 of 24 bytes or more, and may begin with "whsec_".
	Secrets []string

	// Header is added to each request, for example to authorize it.
	Header http.Header

	// Binary sends attributes as headers, which signatures do not cover.
	Binary bool

	// Timeout is for a request from its beginning to the end of the answer. Zero
	// means 10 s.
	Timeout time.Duration

	// MaxSize is how many bytes of body a request may have. Zero means 1 MiB.
	MaxSize int

	// Concurrent is how many requests there may be at the same time. Zero means 8.
	Concurrent int

	// Failures is how many requests must fail in a row for the circuit to open,
	// and Pause how long it is open before one request is tried. Zero means 5
	// and 10 s.
	Failures int
	Pause    time.Duration

	// AllowPrivate lets requests go to addresses that are not on the public
	// internet. Leave it false where others choose the URL, or they reach what
	// only you can reach.
	AllowPrivate bool

	// AllowPlain lets the URL be http, which everybody on the way can read.
	AllowPlain bool

	// TLS is for https. Nil trusts what the system trusts.
	TLS *tls.Config

	// OnCircuit, if not nil, is told when the circuit opens and closes, and
	// OnGone when the destination has answered that it is gone for good. Both
	// must be quick and must not use the publisher.
	OnCircuit func(open bool)
	OnGone    func()
}

// An InvalidError is an option that cannot be.
type InvalidError struct {
	Field  string
	Reason string
}

// Error says which and why.
func (e *InvalidError) Error() string { return fmt.Sprintf("webhook: %s %s", e.Field, e.Reason) }

func invalid(field, reason string) error { return &InvalidError{Field: field, Reason: reason} }

// withDefaults checks the options and fills in what is not set.
func (o PublisherOptions) withDefaults() (PublisherOptions, *url.URL, error) {
	u, err := o.destination()
	if err != nil {
		return o, nil, err
	}
	for field, n := range map[string]int64{
		"Timeout": int64(o.Timeout), "MaxSize": int64(o.MaxSize), "Concurrent": int64(o.Concurrent),
		"Failures": int64(o.Failures), "Pause": int64(o.Pause),
	} {
		if n < 0 {
			return o, nil, invalid(field, "must not be negative")
		}
	}
	orDefault(&o.Timeout, 10*time.Second)
	orDefault(&o.MaxSize, 1<<20)
	orDefault(&o.Concurrent, 8)
	orDefault(&o.Failures, 5)
	orDefault(&o.Pause, 10*time.Second)
	if o.OnCircuit == nil {
		o.OnCircuit = func(bool) {}
	}
	if o.OnGone == nil {
		o.OnGone = func() {}
	}
	return o, u, nil
}

func orDefault[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// destination reads the URL. Its errors do not repeat it, because it may hold a
// secret.
func (o *PublisherOptions) destination() (*url.URL, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return nil, invalid("URL", "must be like https://example.com/hooks")
	case u.Scheme != "https" && (u.Scheme != "http" || !o.AllowPlain):
		return nil, invalid("URL", "must be https; set AllowPlain to send in the open")
	case u.User != nil:
		return nil, invalid("URL", "must have no user or password; use Header")
	case u.Fragment != "":
		return nil, invalid("URL", "must have no fragment")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !o.AllowPrivate && !public(ip) {
		return nil, invalid("URL", "is a private address; set AllowPrivate if that is meant")
	}
	return u, nil
}
