package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/rest"
	"github.com/cairndb/cairn/storetest"
)

func TestWrongCredentials(t *testing.T) {
	s, c := secured(t)
	s.put("s", "a")
	if err := c.Users().Create(t.Context(), access.User{Login: "away", Disabled: true}, "away"); err != nil {
		t.Fatal(err)
	}
	for name, headers := range map[string][]string{
		"password": basic("ann", "bob"), "name": basic("nobody", "x"), "nonsense": {"Authorization", "Basic %"}, "disabled": as("away"),
	} {
		for _, path := range []string{"/streams/s", "/openapi.json", "/info"} {
			a := s.do("GET", path, "", headers...)
			if p := s.problem(a, 401, "unauthenticated"); a.Header.Get("WWW-Authenticate") == "" || !strings.Contains(p.Detail, "wrong") {
				t.Errorf("%s: %s: got %+v, %v", name, path, p, a.Header)
			}
		}
	}
	s.want(s.do("GET", "/streams/s", "", as("ann")...), 200)
	s.want(s.do("GET", "/openapi.json", ""), 200)
	s.problem(s.do("GET", "/info", ""), 401, "unauthenticated")
	s.want(s.do("GET", "/info", "", as("bob")...), 200)
}

// TestFollowerWhoseRightIsWithdrawn holds that a follower is sent nothing more
// that was stored after the change, and is told why.
func TestFollowerWhoseRightIsWithdrawn(t *testing.T) {
	for name, withdraw := range map[string]func(*server, *access.Control) error{
		"the stream":  func(s *server, _ *access.Control) error { s.own("s", "ann"); s.own("$all", "ann"); return nil },
		"the user":    func(s *server, c *access.Control) error { return c.Users().Disable(s.Context(), "bob") },
		"the account": func(s *server, c *access.Control) error { return c.Users().Delete(s.Context(), "bob") },
		"password": func(s *server, c *access.Control) error {
			return c.Users().ResetPassword(s.Context(), "bob", "another")
		},
	} {
		for _, path := range []string{"/streams/s", "/events?stream=s"} {
			t.Run(name+" "+path, func(t *testing.T) {
				s, c := secured(t)
				s.own("$all", "bob")
				s.put("s", "a")
				l := s.listen(path, as("bob")...)
				if m := l.next(); m.name != "message" {
					t.Fatalf("got %+v", m)
				}
				if m := l.next(); m.name != "caught-up" {
					t.Fatalf("got %+v", m)
				}
				if err := withdraw(s, c); err != nil {
					t.Fatal(err)
				}
				s.put("s", "secret")
				if m := l.next(); m.name != "problem" || !strings.Contains(m.data, `"status":40`) {
					t.Fatalf("got %+v", m)
				}
				l.wants("end")
			})
		}
	}
}

// TestFollowerWhoseRightStays holds that changes that are about others do not
// end a follower.
func TestFollowerWhoseRightStays(t *testing.T) {
	s, c := secured(t)
	s.own("s", "bob")
	s.put("s", "a")
	l := s.listen("/streams/s", as("bob")...)
	l.wants("a 0", "caught-up 0")
	changed := c.Changed()
	s.own("t", "ann")
	if err := c.Users().Disable(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	<-changed
	s.put("s", "b")
	l.wants("b 1")
}

// TestIdleFollowerIsCutOff holds that one to whom nothing is sent is asked too.
func TestIdleFollowerIsCutOff(t *testing.T) {
	s, _ := secured(t)
	s.put("s", "a")
	l := s.listen("/streams/s", as("bob")...)
	l.wants("a 0", "caught-up 0")
	s.own("s", "ann")
	if m := l.next(); m.name != "problem" || !strings.Contains(m.data, `\"bob\" may not read stream \"s\"`) {
		t.Fatalf("got %+v", m)
	}
	l.wants("end")
}

// TestCORSForRefused holds that a page is shown the refusal too.
func TestCORSForRefused(t *testing.T) {
	store := storetest.NewReference()
	c, err := access.New(t.Context(), store, access.Options{Iterations: cheap})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	const origin = "https://shop.example"
	w := &world{t, store, rest.New(store, c, rest.Options{CORS: []string{origin}})}
	a := w.want(w.do("GET", "/streams/s", "", append(basic("x", "y"), "Origin", origin)...), http.StatusUnauthorized)
	if got := a.Header.Get("Access-Control-Allow-Origin"); got != origin {
		t.Errorf("got %q", got)
	}
	w = &world{t, w.store, rest.New(store, access.Open(), rest.Options{CORS: []string{origin}})}
	w.put("s", "a")
	for _, path := range []string{"/streams/s", "/streams/s/0", "/events", "/streams/s/metadata"} {
		vary := strings.Join(w.want(w.do("GET", path, "", "Origin", origin), 200).Header.Values("Vary"), ", ")
		for _, part := range []string{"Origin", "Accept", "Authorization"} {
			if !strings.Contains(vary, part) {
				t.Errorf("%s: Vary is %q, without %s", path, vary, part)
			}
		}
	}
}
