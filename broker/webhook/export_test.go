package webhook

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/cairndb/cairn/broker"
)

// Delay reads a Retry-After.
func Delay(value string, now time.Time) time.Duration { return delay(value, now) }

// Public tells whether an address is on the public internet.
func Public(a netip.Addr) bool { return public(a) }

// Decode reads a request.
func Decode(h http.Header, body []byte) (ms []broker.Message, ls []broker.Letter) {
	for _, a := range decode("/topic", h, body) {
		if a.Letter.Err != nil {
			ls = append(ls, a.Letter)
		} else {
			ms = append(ms, a.Message)
		}
	}
	return ms, ls
}

// Sign signs a body.
func Sign(h http.Header, with []string, id string, at time.Time, body []byte) error {
	all, err := secrets(with)
	if err != nil {
		return err
	}
	return sign(h, all, id, at, body)
}

// Verify checks a signature with five minutes of tolerance.
func Verify(h http.Header, with []string, now time.Time, body []byte) error {
	all, err := secrets(with)
	if err != nil {
		return err
	}
	return verify(h, all, now, 5*time.Minute, body)
}
