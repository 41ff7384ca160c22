package projection

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
)

func TestSetToken(t *testing.T) {
	w := httptest.NewRecorder()
	SetToken(w, 42)
	if got := w.Result().Header.Get("Cairn-Position"); got != "42" {
		t.Errorf("got %q", got)
	}
}

func TestTokenOf(t *testing.T) {
	for _, c := range []struct {
		url     string
		headers []string
		want    cairn.Position
		bad     bool
	}{
		{"/", nil, 0, false},
		{"/", []string{"7"}, 7, false},
		{"/?cairn-position=9", []string{"7"}, 9, false},
		{"/?cairn-position=5&cairn-position=6", nil, 6, false},
		{"/", []string{"7", "3, 12"}, 12, false},
		{"/", []string{"12, 3"}, 12, false},
		{"/", []string{"18446744073709551615"}, 1<<64 - 1, false},
		{"/", []string{"18446744073709551616"}, 0, true},
		{"/", []string{""}, 0, true},
		{"/?cairn-position=", nil, 0, true},
		{"/", []string{"7,"}, 0, true},
		{"/", []string{"-1"}, 0, true},
		{"/", []string{"+1"}, 0, true},
		{"/", []string{"1_0"}, 0, true},
		{"/", []string{"0x1"}, 0, true},
		{"/", []string{"seven"}, 0, true},
	} {
		r := httptest.NewRequest(http.MethodGet, c.url, nil)
		r.Header[TokenHeader] = c.headers
		got, err := TokenOf(r)
		if got != c.want || errors.Is(err, cairn.ErrInvalid) != c.bad {
			t.Errorf("%s %v: %d, %v", c.url, c.headers, got, err)
		}
	}
}

func FuzzToken(f *testing.F) {
	for _, s := range []string{"", "0", "7", "18446744073709551615", "007", "+1", "-0", "1 ", "1_0", "٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseToken(s)
		if err != nil {
			if p != 0 || !errors.Is(err, cairn.ErrInvalid) {
				t.Fatal(p, err)
			}
			return
		}
		if got := FormatToken(p); got != strings.TrimLeft(s, "0") && (p != 0 || got != "0") {
			t.Fatalf("%q was taken for %s", s, got)
		}
	})
}

// answer asks a handler behind Fresh.
func answer(log Log, ledger Ledger, token string) *http.Response {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "seen") })
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if token != "" {
		r.Header.Set(TokenHeader, token)
	}
	w := httptest.NewRecorder()
	Fresh(log, ledger, testName, 100*time.Millisecond)(handler).ServeHTTP(w, r)
	return w.Result()
}

func TestFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, ledger := newPile(), newShelf()
		log.add("a", "paid", "")
		log.add("a", "paid", "")
		begin(ledger, log, oneBuild)
		moveLanes(ledger, 1, []Checkpoint{{Position: 1}})
		for _, c := range []struct {
			token   string
			status  int
			problem string
		}{
			{"", 200, ""}, {"1", 200, ""}, {"2", 503, "late"}, {"3", 400, "malformed"}, {"x", 400, "malformed"},
		} {
			r := answer(log, ledger, c.token)
			body, _ := io.ReadAll(r.Body)
			if r.StatusCode != c.status || r.Header.Get("Vary") != TokenHeader {
				t.Errorf("token %q: %d, %v, %s", c.token, r.StatusCode, r.Header, body)
			}
			if c.problem == "" {
				if string(body) != "seen" {
					t.Errorf("token %q: %s", c.token, body)
				}
				continue
			}
			var p problem
			if err := json.Unmarshal(body, &p); err != nil || p.Status != c.status || !strings.HasSuffix(p.Type, "#"+c.problem) || p.Title == "" || p.Detail == "" {
				t.Errorf("token %q: %s, %v", c.token, body, err)
			}
			if r.Header.Get("Content-Type") != "application/problem+json" || (r.Header.Get("Retry-After") == "1") != (c.status == 503) {
				t.Errorf("token %q: %v", c.token, r.Header)
			}
			if c.problem == "late" && (p.Position != 2 || p.At != 1 || p.Behind != 1) {
				t.Errorf("facts: %s", body)
			}
		}
		time.AfterFunc(50*time.Millisecond, func() { moveLanes(ledger, 1, []Checkpoint{{Position: 2}}) })
		if r := answer(log, ledger, "2"); r.StatusCode != 200 {
			t.Errorf("the row came in time: %d", r.StatusCode)
		}
	})
}

// TestFreshTellsNoSecrets: what a database answers, or a wrong name, is not for clients.
func TestFreshTellsNoSecrets(t *testing.T) {
	log, ledger := newPile(), newShelf()
	log.add("a", "paid", "")
	ledger.failing = errors.New("password hunter2 is wrong")
	r := answer(log, ledger, "1")
	if body, _ := io.ReadAll(r.Body); r.StatusCode != 503 || strings.Contains(string(body), "hunter2") {
		t.Errorf("%d: %s", r.StatusCode, body)
	}
	w := httptest.NewRecorder()
	Fresh(log, newShelf(), "No Name", 0)(nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?cairn-position=1", nil))
	if w.Code != 503 || strings.Contains(w.Body.String(), "Name") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestFreshLeavesClientsThatHaveGone(t *testing.T) {
	log, ledger := newPile(), newShelf()
	log.add("a", "paid", "")
	begin(ledger, log, oneBuild)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/?cairn-position=1", nil)
	Fresh(log, ledger, testName, time.Minute)(nil).ServeHTTP(w, r)
	if w.Body.Len() > 0 {
		t.Error(w.Body)
	}
}
