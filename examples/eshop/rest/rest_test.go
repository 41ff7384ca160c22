package rest_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

var quiet = slog.New(slog.DiscardHandler)

func serve(t *testing.T, h http.Handler) *rest.Client {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &rest.Client{Name: "scales", URL: s.URL}
}

// A refusal arrives with its field and limit.
func TestRefusal(t *testing.T) {
	c := serve(t, rest.Handle(quiet, func(http.ResponseWriter, *http.Request) (any, error) {
		return nil, rest.Between("weight", 12, 1, 10)
	}))
	_, err := c.Do(t.Context(), "GET", "/", nil, nil)
	p, ok := errors.AsType[*rest.Problem](err)
	if !ok || p.Status != http.StatusBadRequest || p.Field != "weight" || p.Limit != 10 || p.Error() != "weight is 12, and must be 10 or less" {
		t.Errorf("error %#v", err)
	}
}

// What a service could not help says nothing of its inside, and is worth another
// attempt.
func TestFailure(t *testing.T) {
	var told string
	h := rest.Handle(quiet, func(http.ResponseWriter, *http.Request) (any, error) {
		return nil, errors.New("password=secret")
	})
	c := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		record := httptest.NewRecorder()
		h.ServeHTTP(record, r)
		told = record.Body.String()
		w.WriteHeader(record.Code)
	}))
	if _, err := c.Do(t.Context(), "GET", "/", nil, nil); !errors.Is(err, rest.ErrUnavailable) || !strings.Contains(err.Error(), "scales") {
		t.Errorf("error %v", err)
	}
	if strings.Contains(told, "secret") || !strings.Contains(told, "try again") {
		t.Errorf("told %s", told)
	}
}

func TestAway(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"hangs up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"nonsense": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") },
		"silence":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		c := serve(t, h)
		c.Patience = 50 * time.Millisecond
		var out struct{}
		if _, err := c.Do(t.Context(), "GET", "/", nil, &out); !errors.Is(err, rest.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	gone := rest.Client{Name: "scales", URL: "http://127.0.0.1:1"}
	if _, err := gone.Do(t.Context(), "GET", "/", nil, nil); !errors.Is(err, rest.ErrUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
}

// Whoever asks no longer has a reason of their own, which is the error.
func TestGivenUp(t *testing.T) {
	enough := errors.New("enough")
	ctx, stop := context.WithCancelCause(t.Context())
	c := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stop(enough)
		<-r.Context().Done()
	}))
	if _, err := c.Do(ctx, "GET", "/", nil, nil); !errors.Is(err, enough) {
		t.Errorf("error %v", err)
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		s           string
		least, most int
		want        string
	}{
		{"ok\tés\n", 1, 10, ""},
		{"", 0, 3, ""},
		{"", 1, 3, "f must not be empty"},
		{"a", 2, 3, "f must have 2 characters or more"},
		{"éééé", 1, 3, "f has 4 characters, and at most 3 are allowed"},
		{"ééé", 1, 3, ""},
		{"a\xff", 1, 3, "f is not valid UTF-8"},
		{"a\x00", 1, 3, "f has a control character"},
		{"a\x7f", 1, 3, "f has a control character"},
	} {
		got := ""
		if err := rest.Text("f", c.s, c.least, c.most); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("Text(%q) = %q, want %q", c.s, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	for s, ok := range map[string]bool{"aZ09-_": true, "": false, "a b": false, "a/b": false, "..": false, "é": false, "a%2f": false} {
		if err := rest.Name("f", s, 10); (err == nil) != ok {
			t.Errorf("Name(%q): %v", s, err)
		}
	}
}

func TestStatusOf(t *testing.T) {
	if rest.StatusOf(nil) != 200 || rest.StatusOf(io.EOF) != 500 || rest.StatusOf(rest.NotFound("x")) != 404 {
		t.Error("a status is wrong")
	}
}
