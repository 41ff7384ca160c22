package storefront_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// A browser goes through the shop as one does: it keeps cookies and follows
// where it is sent.
type browser struct {
	*testing.T
	street *street
	client *http.Client
}

// A page is what the browser shows.
type page struct {
	t      *testing.T
	status int
	path   string // after all redirects
	header http.Header
	text   string
}

func (s *street) browser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{t, s, &http.Client{Jar: jar}}
}

func (b *browser) get(path string) *page {
	b.Helper()
	return b.read(b.client.Get(b.street.url + path))
}

// post sends a form, whose fields are names and values in turn.
func (b *browser) post(path string, fields ...string) *page {
	b.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.read(b.client.PostForm(b.street.url+path, form))
}

func (b *browser) read(resp *http.Response, err error) *page {
	b.Helper()
	must(b, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(b, err)
	p := &page{b.T, resp.StatusCode, resp.Request.URL.Path, resp.Header, string(text)}
	p.check()
	return p
}

var (
	quoted = regexp.MustCompile(`="[^"]*"`)
	inline = regexp.MustCompile(`(?i)<script[^>]*>[^<]|<script>|<[^>]* on[a-z]+=|<[^>]* style=`)
)

// check holds every page to the policy that it comes with.
func (p *page) check() {
	p.t.Helper()
	if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
		return
	}
	policy := p.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'; ") || !strings.Contains(policy, "style-src 'self'; script-src 'self'; ") {
		p.t.Errorf("%s: policy %q", p.path, policy)
	}
	if found := inline.FindString(quoted.ReplaceAllString(p.text, `=""`)); found != "" {
		p.t.Errorf("%s has %q, which the policy forbids", p.path, found)
	}
}

func (p *page) has(all ...string) *page {
	p.t.Helper()
	for _, s := range all {
		if !strings.Contains(p.text, s) {
			p.t.Errorf("%s (status %d) does not have %q:\n%s", p.path, p.status, s, p.text)
		}
	}
	return p
}

func (p *page) hasNot(all ...string) *page {
	p.t.Helper()
	for _, s := range all {
		if strings.Contains(p.text, s) {
			p.t.Errorf("%s has %q", p.path, s)
		}
	}
	return p
}

func (p *page) is(status int, path string) *page {
	p.t.Helper()
	if p.status != status || p.path != path {
		p.t.Fatalf("%s with status %d, want %s with %d:\n%s", p.path, p.status, path, status, p.text)
	}
	return p
}

var orderField = regexp.MustCompile(`name="order" value="([a-z0-9]+)"`)

// orderID is the ID of the order that the basket's form will make.
func (p *page) orderID() string {
	p.t.Helper()
	m := orderField.FindStringSubmatch(p.text)
	if m == nil {
		p.t.Fatalf("no order can be made on %s:\n%s", p.path, p.text)
	}
	return m[1]
}
