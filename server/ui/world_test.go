package ui_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui"
)

// A world is a window on a store in memory, and a browser.
type world struct {
	t      *testing.T
	store  *disk.Store
	access *access.Control
	url    string
	client *http.Client
}

// newWorld is a window that everybody may look through.
func newWorld(t *testing.T, o ui.Options) *world {
	t.Helper()
	return serve(t, newStore(t), access.Open(), o)
}

// newSecured is one for users: admin and ops have the password "changeit".
func newSecured(t *testing.T, o ui.Options) *world {
	t.Helper()
	store := newStore(t)
	if err := access.Bootstrap(t.Context(), store, access.BootstrapOptions{Iterations: 3}); err != nil {
		t.Fatal(err)
	}
	c, err := access.New(t.Context(), store, access.Options{Iterations: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return serve(t, store, c, o)
}

func newStore(t *testing.T) *disk.Store {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func serve(t *testing.T, store *disk.Store, c *access.Control, o ui.Options) *world {
	t.Helper()
	h := ui.New(store, c, o)
	h.Start()
	t.Cleanup(h.Close)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return &world{t, store, c, server.URL, newBrowser()}
}

// newBrowser keeps cookies and follows no redirect.
func newBrowser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // it never fails without options
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// get is the status and the body of a page.
func (w *world) get(path string) (int, string) {
	w.t.Helper()
	return w.do(http.MethodGet, path, nil)
}

// post sends a form as a page of this origin does.
func (w *world) post(path string, form url.Values) (int, string) {
	w.t.Helper()
	return w.do(http.MethodPost, path, form)
}

func (w *world) do(method, path string, form url.Values) (int, string) {
	w.t.Helper()
	res := w.send(method, path, form)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (w *world) send(method, path string, form url.Values) *http.Response {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

// login logs in as the administrator.
func (w *world) login() {
	w.t.Helper()
	if status, body := w.post("/ui/login", url.Values{"login": {"admin"}, "password": {"changeit"}}); status != http.StatusSeeOther {
		w.t.Fatalf("login: %d %s", status, body)
	}
}

// contains fails unless all texts are in a page.
func contains(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not hold %q:\n%s", text, page)
		}
	}
}
