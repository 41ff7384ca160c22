package storefront

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/projection"
)

// The cookies. None is a proof of anything: whoever says a customer's name sees
// that customer's orders, as this is a shop to look into.
const (
	cookieSession  = "session"
	cookieCustomer = "customer"
	cookiePosition = "position"
)

// The limits of what a session holds, in characters.
const (
	maxSession  = 64
	maxCustomer = 40
)

// A session is what is known of who asks.
type session struct {
	ID       string // of the basket
	Customer string // empty until they say it
	Position string // of the last order, for reading what was written
}

// sessionOf reads the cookies, and gives a new customer a basket.
func sessionOf(w http.ResponseWriter, r *http.Request) *session {
	s := &session{ID: cookie(r, cookieSession), Customer: cookie(r, cookieCustomer), Position: cookie(r, cookiePosition)}
	if rest.Name(cookieSession, s.ID, maxSession) != nil {
		s.ID = rand.Text()
		setCookie(w, cookieSession, s.ID)
	}
	if rest.Text(cookieCustomer, s.Customer, 0, maxCustomer) != nil {
		s.Customer = ""
	}
	if _, err := projection.ParseToken(s.Position); err != nil {
		s.Position = ""
	}
	return s
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	v, _ := url.QueryUnescape(c.Value) // what cannot be read is empty
	return v
}

func setCookie(w http.ResponseWriter, name, value string) { http.SetCookie(w, newCookie(name, value)) }

func newCookie(name, value string) *http.Cookie {
	return &http.Cookie{Name: name, Value: url.QueryEscape(value), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// fresh is how long a customer's own writes are asked for. By then every table
// has them, unless it stands still or the store was begun anew; and a page with
// what there is is better than none.
const fresh = time.Minute

// remember keeps how far the customer's own writes have come.
func (s *session) remember(w http.ResponseWriter, h http.Header) {
	if token := h.Get(projection.TokenHeader); token != "" {
		s.Position = token
		c := newCookie(cookiePosition, token)
		c.MaxAge = int(fresh / time.Second)
		http.SetCookie(w, c)
	}
}

// heard has this visit see at least what is so after an event that the page has
// heard of, if that is later than what the customer wrote. What is no token is none.
func (s *session) heard(token string) {
	at, err := projection.ParseToken(token)
	if wrote, none := projection.ParseToken(s.Position); err == nil && (none != nil || at > wrote) {
		s.Position = token
	}
}

// after adds to a path the position that the answer must have seen.
func (s *session) after(path string) string {
	if s.Position == "" {
		return path
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + projection.TokenQuery + "=" + s.Position
}

// newOrder is the ID of an order: short enough to be read aloud, long enough that
// nobody guesses it.
func newOrder() string { return strings.ToLower(rand.Text()[:12]) }
