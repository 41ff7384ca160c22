package ui_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui"
)

// serveHandler is a browser for a handler that the test closes.
func serveHandler(t *testing.T, h *ui.Handler) *world {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return &world{t: t, url: server.URL, client: newBrowser()}
}

func (w *world) person(login string) access.User {
	w.t.Helper()
	u, err := w.access.Users().Get(w.t.Context(), login)
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

func TestUsers(t *testing.T) {
	w := newSecured(t, ui.Options{})
	w.login()
	form := url.Values{"login": {"ann/../<b>"}, "name": {"Ann <b>"}, "password": {"geheim"}, "again": {"geheim"}, "ops": {"yes"}, "groups": {"clerks\r\n\r\n clerks \nthe others"}}
	if status, page := w.post("/ui/operations/users", form); status != http.StatusSeeOther {
		t.Fatalf("create: %d\n%s", status, page)
	}
	if got := w.person("ann/../<b>"); !slices.Equal(got.Groups, []string{"$ops", "clerks", "the others"}) || got.FullName != "Ann <b>" {
		t.Errorf("created %+v", got)
	}
	_, list := w.get("/ui/operations/users")
	contains(t, list, "ann/../&lt;b&gt;", "$admins", "enabled")
	at := hrefs(list, "/ui/operations/users/ann")
	if len(at) != 1 {
		t.Fatalf("%d ways to the user", len(at))
	}
	_, page := w.get(at[0])
	contains(t, page, "Ann &lt;b&gt;", "clerks\nthe others", `name="ops" value="yes" checked`, `autocomplete="new-password"`)
	if strings.Contains(page, `value="geheim"`) || strings.Contains(page, "pbkdf2") {
		t.Error("the page holds what was to be secret")
	}
	w.post(at[0]+"/describe", url.Values{"name": {"Anna"}, "admin": {"yes"}})
	if got := w.person("ann/../<b>"); !slices.Equal(got.Groups, []string{"$admins"}) || got.FullName != "Anna" {
		t.Errorf("changed to %+v", got)
	}
	w.post(at[0]+"/password", url.Values{"password": {"neu"}, "again": {"neu"}})
	if right, err := w.access.Users().Verify(t.Context(), "ann/../<b>", "neu"); !right || err != nil {
		t.Errorf("the new password: %v, %v", right, err)
	}
	_, page = w.post(at[0]+"/disable/ask", url.Values{})
	contains(t, page, "Disable the user", "Leave it")
	w.post(at[0]+"/disable", url.Values{})
	if !w.person("ann/../<b>").Disabled {
		t.Error("not disabled")
	}
	w.post(at[0]+"/enable", url.Values{})
	if w.person("ann/../<b>").Disabled {
		t.Error("not enabled")
	}
	_, page = w.post(at[0]+"/delete/ask", url.Values{})
	contains(t, page, "Delete the user")
	w.post(at[0]+"/delete", url.Values{})
	if status, _ := w.get(at[0]); status != http.StatusNotFound {
		t.Errorf("a user who was deleted: %d", status)
	}
}

// What is wrong stands next to the form, which keeps what was typed, but for the
// password.
func TestUserFormsKeepWhatWasTyped(t *testing.T) {
	w := newSecured(t, ui.Options{})
	w.login()
	for wrong, form := range map[string]url.Values{
		"second time":   {"login": {"ann"}, "password": {"geheim"}, "again": {"anders"}},
		"user already":  {"login": {"ops"}, "password": {"geheim"}, "again": {"geheim"}},
		"login":         {"login": {"$ann"}, "password": {"geheim"}, "again": {"geheim"}},
		"password":      {"login": {"ann"}},
		"groups[2]":     {"login": {"ann"}, "password": {"geheim"}, "again": {"geheim"}, "groups": {"fine\n" + strings.Repeat("x", 200)}},
		"full name":     {"login": {"ann"}, "password": {"geheim"}, "again": {"geheim"}, "name": {strings.Repeat("x", 600)}},
		"has no member": {"login": {"ann"}, "password": {"geheim"}, "again": {"geheim"}, "groups": {"$all"}},
	} {
		if form.Get("name") == "" {
			form.Set("name", `Typed "name"`)
		}
		form.Set("ops", "yes")
		status, page := w.post("/ui/operations/users", form)
		if status != http.StatusBadRequest || strings.Contains(page, "geheim") || strings.Contains(page, "anders") {
			t.Errorf("%s: %d", wrong, status)
		}
		contains(t, page, wrong, `role="alert"`, `value="`+form.Get("login")+`"`, `name="ops" value="yes" checked`, "<details class=\"card\" open>")
	}
	status, page := w.post("/ui/operations/users/ops/password", url.Values{"password": {"geheim"}, "again": {"anders"}})
	if status != http.StatusBadRequest || strings.Contains(page, "geheim") {
		t.Errorf("password: %d", status)
	}
	contains(t, page, "second time")
	status, page = w.post("/ui/operations/users/ops/describe", url.Values{"name": {"Kept"}, "groups": {"$all"}})
	if status != http.StatusBadRequest || len(w.person("ops").Groups) == 0 {
		t.Errorf("groups: %d", status)
	}
	contains(t, page, "has no member", `value="Kept"`)
	if all, err := w.access.Users().All(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("there are %+v, %v", all, err)
	}
}

// Nobody takes the last administrator away.
func TestLastAdministratorStays(t *testing.T) {
	w := newSecured(t, ui.Options{})
	w.login()
	if err := w.access.Users().Create(t.Context(), access.User{Login: "old", Groups: []string{access.Admins}, Disabled: true}, "x"); err != nil {
		t.Fatal(err)
	}
	for _, act := range []string{"describe", "disable", "delete"} {
		status, page := w.post("/ui/operations/users/admin/"+act, url.Values{"name": {"x"}})
		if status != http.StatusConflict {
			t.Errorf("%s: %d", act, status)
		}
		contains(t, page, "Somebody has to be the administrator")
	}
	if got := w.person("admin"); got.Disabled || !slices.Contains(got.Groups, access.Admins) {
		t.Errorf("it is %+v", got)
	}
	w.post("/ui/operations/users/old/enable", url.Values{})
	if status, _ := w.post("/ui/operations/users/admin/delete", url.Values{}); status != http.StatusSeeOther {
		t.Errorf("with another one there: %d", status)
	}
	if status, page := w.get("/ui/operations/users"); status != http.StatusSeeOther {
		t.Errorf("who was deleted still sees: %d\n%s", status, page)
	}
}

func TestUserWhoIsNot(t *testing.T) {
	w := newSecured(t, ui.Options{})
	w.login()
	for _, act := range []string{"describe", "password", "enable", "disable", "delete", "disable/ask", "delete/ask"} {
		if status, _ := w.post("/ui/operations/users/nobody/"+act, url.Values{"password": {"x"}, "again": {"x"}}); status != http.StatusNotFound {
			t.Errorf("%s: %d", act, status)
		}
	}
}
