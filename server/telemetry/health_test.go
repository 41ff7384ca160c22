package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/telemetry"
)

func probe(h http.Handler, path string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

func TestLive(t *testing.T) {
	h := telemetry.NewHealth(nil)
	want := func(path string, code int) {
		t.Helper()
		if got, _ := probe(h, path); got != code {
			t.Errorf("%s: %d, want %d", path, got, code)
		}
	}
	want("/health/live", 503)
	h.Ready()
	want("/health/live", 204)
	want("/health/live?liveCode=200", 200)
	want("/health/live?liveCode=100", 204)
	want("/health/live?liveCode=9999", 204)
	want("/health/live?liveCode=x", 204)
	want("/health/else", 404)
	h.Stop("bye")
	want("/health/live?liveCode=200", 503)
}

// ailing is a store some of whose answers are others.
type ailing struct {
	cairn.Store
	info, write error
	asked       chan struct{} // sent to when it is asked to write; nil for none
	answer      chan struct{}
}

func (a *ailing) Info(ctx context.Context) (cairn.Info, error) {
	if a.info != nil {
		return cairn.Info{}, a.info
	}
	return a.Store.Info(ctx)
}

func (a *ailing) Append(ctx context.Context, stream string, at cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	if a.asked != nil {
		a.asked <- struct{}{}
		<-a.answer
	}
	if a.write != nil {
		return cairn.Receipt{}, a.write
	}
	return a.Store.Append(ctx, stream, at, events...)
}

func TestReady(t *testing.T) {
	inner, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	must(t)(inner.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t"}))
	for _, c := range []struct {
		name    string
		store   ailing
		stopped string
		code    int
		body    []string
	}{
		{"well", ailing{}, "", 200, []string{`"ready":true`, `"writes":"accepted"`, `"head":1`}},
		{"stopping", ailing{}, "on its way out", 503, []string{`"ready":false`, "on its way out", `"writes":"accepted"`}},
		{"failed", ailing{write: cairn.ErrFailed}, "", 503, []string{`"ready":false`, `"writes":"refused"`, "accepts no writes", `"head":1`}},
		{"read-only", ailing{write: cairn.ErrReadOnly}, "", 200, []string{`"ready":true`, `"writes":"read-only"`}},
		{"no head", ailing{info: errors.New("gone")}, "", 503, []string{`"ready":false`, "gone"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.store.Store = inner
			h := telemetry.NewHealth(&c.store)
			h.Stop(c.stopped)
			code, body := probe(h, "/health/ready")
			if code != c.code || !json.Valid([]byte(body)) {
				t.Errorf("%d %s, want %d", code, body, c.code)
			}
			for _, part := range c.body {
				if !strings.Contains(body, part) {
					t.Errorf("%s does not say %s", body, part)
				}
			}
		})
	}
	if info, err := inner.Info(t.Context()); err != nil || info.Head != 1 {
		t.Errorf("a probe wrote something: %v, %v", info, err)
	}
}

// TestReadyOfAStoreThatHangs: probes do not pile up behind one that gets no
// answer.
func TestReadyOfAStoreThatHangs(t *testing.T) {
	inner, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	s := &ailing{Store: inner, asked: make(chan struct{}), answer: make(chan struct{})}
	h := telemetry.NewHealth(s)
	h.Ready()
	first := make(chan int)
	go func() {
		code, _ := probe(h, "/health/ready")
		first <- code
	}()
	<-s.asked
	if code, body := probe(h, "/health/ready"); code != 503 || !strings.Contains(body, "has not answered") {
		t.Errorf("%d %s", code, body)
	}
	close(s.answer)
	if code := <-first; code != 200 {
		t.Error(code)
	}
}
