package ui_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/cairndb/cairn/server/ui"
)

func TestLogin(t *testing.T) {
	w := newSecured(t, ui.Options{})
	if res := w.send("GET", "/ui/", nil); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/ui/login" {
		t.Errorf("a stranger: %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	status, body := w.post("/ui/login", url.Values{"login": {"admin"}, "password": {"wrong"}})
	if status != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d", status)
	}
	contains(t, body, "the password is wrong", `value="admin"`)
	w.login()
	if status, body = w.get("/ui/"); status != http.StatusOK {
		t.Errorf("logged in: %d", status)
	}
	contains(t, body, "Log out", "admin")
	if status, _ = w.post("/ui/logout", url.Values{}); status != http.StatusSeeOther {
		t.Errorf("logging out: %d", status)
	}
	if status, _ = w.get("/ui/"); status != http.StatusSeeOther {
		t.Errorf("logged out: %d", status)
	}
}

func TestLoginGoesToWhereItWasAsked(t *testing.T) {
	for to, want := range map[string]string{
		"/ui/streams?prefix=a": "/ui/streams?prefix=a", "": "/ui/", "https://evil.example/ui/": "/ui/", "//evil.example/ui/": "/ui/", "/elsewhere": "/ui/",
	} {
		w := newSecured(t, ui.Options{})
		res := w.send("POST", "/ui/login", url.Values{"login": {"admin"}, "password": {"changeit"}, "to": {to}})
		if got := res.Header.Get("Location"); got != want {
			t.Errorf("to %q: went to %q, want %q", to, got, want)
		}
	}
}

func TestSessionEnds(t *testing.T) {
	ends := map[string]func(w *world){
		"with the password": func(w *world) {
			if err := w.access.Users().ResetPassword(w.t.Context(), "admin", "another"); err != nil {
				w.t.Fatal(err)
			}
		},
		"with the user": func(w *world) {
			if err := w.access.Users().Disable(w.t.Context(), "admin"); err != nil {
				w.t.Fatal(err)
			}
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			w := newSecured(t, ui.Options{})
			w.login()
			end(w)
			if status, _ := w.get("/ui/"); status != http.StatusSeeOther {
				t.Errorf("still %d", status)
			}
		})
	}
	t.Run("when nothing was done", func(t *testing.T) {
		w := newSecured(t, ui.Options{SessionTime: time.Nanosecond})
		w.login()
		if status, _ := w.get("/ui/"); status != http.StatusSeeOther {
			t.Errorf("still %d", status)
		}
	})
	t.Run("when others come", func(t *testing.T) {
		w := newSecured(t, ui.Options{MaxSessions: 1})
		w.login()
		first := w.client
		w.client = newBrowser()
		w.login()
		w.client = first
		if status, _ := w.get("/ui/"); status != http.StatusSeeOther {
			t.Errorf("still %d", status)
		}
	})
}

func TestSessionCookie(t *testing.T) {
	w := newSecured(t, ui.Options{})
	res := w.send("POST", "/ui/login", url.Values{"login": {"admin"}, "password": {"changeit"}})
	for _, c := range res.Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
			t.Errorf("cookie %q can be read or sent from elsewhere", c.Name)
		}
	}
	if len(res.Cookies()) != 1 {
		t.Errorf("%d cookies", len(res.Cookies()))
	}
}

func TestForeignPagesDoNothing(t *testing.T) {
	w := newWorld(t, ui.Options{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/ui/logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := w.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a foreign page's act: %d", res.StatusCode)
	}
}

func TestPolicy(t *testing.T) {
	w := newWorld(t, ui.Options{})
	for _, path := range []string{"/ui/", "/ui/nothing", "/ui/login"} {
		res := w.send("GET", path, nil)
		if csp := res.Header.Get("Content-Security-Policy"); csp == "" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s is unprotected: %q", path, csp)
		}
	}
}

func TestUnknownPage(t *testing.T) {
	status, body := newWorld(t, ui.Options{}).get("/ui/<script>alert(1)</script>")
	if status != http.StatusNotFound {
		t.Errorf("%d", status)
	}
	contains(t, body, "&lt;script&gt;", "To the overview")
}
