package webhook_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/webhook"
)

// post sends a body, signed if there is a secret, and returns the status.
func post(t testing.TB, url, secret string, body []byte, change func(http.Header)) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", broker.Structured)
	if secret != "" {
		if err := webhook.Sign(r.Header, []string{secret}, fmt.Sprintf("msg_%x", sha256.Sum256(body)), time.Now(), body); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(r.Header)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// listen serves a subscriber and subscribes.
func listen(t *testing.T, o webhook.SubscriberOptions, handle func(context.Context, broker.Delivery) error) (url string, stop func() error) {
	t.Helper()
	s := subscriber(t, o)
	server := httptest.NewServer(s)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Subscribe(ctx, handle) }()
	stop = func() error {
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		cancel()
		server.Close()
	})
	secret := ""
	if len(o.Secrets) > 0 {
		secret = o.Secrets[0]
	}
	for post(t, server.URL, secret, nil, nil) == http.StatusServiceUnavailable { // until Subscribe is there
	}
	return server.URL, stop
}

const event = `{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"n":1}}`

func TestAnswers(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	url, _ := listen(t, webhook.SubscriberOptions{Secrets: []string{oldSecret, newSecret}, MaxSize: 1000}, func(_ context.Context, d broker.Delivery) error {
		calls.Add(1)
		switch d.Event.ID() {
		case "reject":
			return broker.ErrRejected
		case "fail":
			return errors.New("not today")
		case "panic":
			panic("oops")
		}
		return nil
	})
	named := func(id string) string { return strings.Replace(event, `"id":"1"`, `"id":"`+id+`"`, 1) }
	for name, c := range map[string]struct {
		body, secret string
		change       func(http.Header)
		status       int
		handled      int64
	}{
		"handled":               {body: named("a"), secret: newSecret, status: 204, handled: 1},
		"the secret before":     {body: named("b"), secret: oldSecret, status: 204, handled: 1},
		"rejected":              {body: named("reject"), secret: newSecret, status: 422, handled: 1},
		"failed":                {body: named("fail"), secret: newSecret, status: 500, handled: 1},
		"panicked":              {body: named("panic"), secret: newSecret, status: 500, handled: 1},
		"not signed":            {body: named("c"), status: 401},
		"signed with another":   {body: named("d"), secret: "whsec_" + strings.Repeat("YWJj", 8), status: 401},
		"no event":              {body: `{"specversion":"1.0"}`, secret: newSecret, status: 400},
		"not JSON":              {body: `}`, secret: newSecret, status: 400},
		"too large":             {body: strings.Repeat("x", 1001), secret: newSecret, status: 413},
		"a batch":               {body: `[` + named("e") + `,` + named("f") + `]`, secret: newSecret, change: batch, status: 204, handled: 2},
		"a batch of none":       {body: `[]`, secret: newSecret, change: batch, status: 204},
		"a batch with no event": {body: `[1,` + named("g") + `]`, secret: newSecret, change: batch, status: 400, handled: 1},
		"no batch":              {body: named("h"), secret: newSecret, change: batch, status: 400},
		"another format":        {body: named("i"), secret: newSecret, change: contentType("application/cloudevents+avro"), status: 400},
	} {
		calls.Store(0)
		status := post(t, url, c.secret, []byte(c.body), c.change)
		if n := calls.Load(); status != c.status || n != c.handled {
			t.Errorf("%s: answered %d, handled %d; want %d, %d", name, status, n, c.status, c.handled)
		}
	}
}

func batch(h http.Header) { h.Set("Content-Type", "application/cloudevents-batch+json; charset=utf-8") }

func contentType(s string) func(http.Header) {
	return func(h http.Header) { h.Set("Content-Type", s) }
}

// What was handled is acknowledged again, and not handled again; what has failed
// is handled again.
func TestWhatComesAgainIsHandledOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	url, _ := listen(t, webhook.SubscriberOptions{Secrets: []string{newSecret}}, func(context.Context, broker.Delivery) error {
		if calls.Add(1) == 1 {
			return errors.New("not yet")
		}
		return nil
	})
	for i, want := range []int{500, 204, 204, 204} {
		if status := post(t, url, newSecret, []byte(event), nil); status != want {
			t.Errorf("request %d was answered %d, want %d", i, status, want)
		}
	}
	if n := calls.Load(); n != 2 {
		t.Errorf("handled %d times, want twice", n)
	}
}

func TestNobodyIsSubscribed(t *testing.T) {
	t.Parallel()
	s := subscriber(t, webhook.SubscriberOptions{Unsigned: true})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	if status := post(t, server.URL, "", []byte(event), nil); status != http.StatusServiceUnavailable {
		t.Errorf("answered %d", status)
	}
}

func TestASubscriptionEndsWithItsLastHandler(t *testing.T) {
	t.Parallel()
	begun, goOn := make(chan struct{}), make(chan struct{})
	url, stop := listen(t, webhook.SubscriberOptions{Unsigned: true}, func(ctx context.Context, _ broker.Delivery) error {
		close(begun)
		<-ctx.Done()
		<-goOn
		return nil
	})
	status := make(chan int, 1)
	go func() { status <- post(t, url, "", []byte(event), nil) }()
	<-begun
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	select {
	case <-ended:
		t.Error("Subscribe has returned, and a handler is left")
	case <-time.After(50 * time.Millisecond):
	}
	close(goOn)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if got := <-status; got != http.StatusNoContent {
		t.Errorf("what was handled was answered with %d", got)
	}
}

func TestOnlyOneSubscription(t *testing.T) {
	t.Parallel()
	s := subscriber(t, webhook.SubscriberOptions{Unsigned: true})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 2)
	for range 2 {
		go func() { ended <- s.Subscribe(ctx, nil) }()
	}
	if err := <-ended; err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("the second ended with %v", err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the first ended with %v", err)
	}
}

func TestPermission(t *testing.T) {
	t.Parallel()
	url, _ := listen(t, webhook.SubscriberOptions{Unsigned: true, Origins: []string{"sender.example"}, Rate: 120}, nil)
	ask := func(method, origin string) *http.Response {
		r, err := http.NewRequest(method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if origin != "" {
			r.Header.Set("WebHook-Request-Origin", origin)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	resp := ask(http.MethodOptions, "sender.example")
	if resp.StatusCode != 200 || resp.Header.Get("WebHook-Allowed-Origin") != "sender.example" || resp.Header.Get("WebHook-Allowed-Rate") != "120" {
		t.Errorf("answered %d %v", resp.StatusCode, resp.Header)
	}
	for origin, want := range map[string]int{"other.example": 403, "": 400} {
		if resp := ask(http.MethodOptions, origin); resp.StatusCode != want || resp.Header.Get("WebHook-Allowed-Origin") != "" {
			t.Errorf("%q was answered %d %v", origin, resp.StatusCode, resp.Header)
		}
	}
	if resp := ask(http.MethodGet, ""); resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") == "" {
		t.Errorf("GET was answered %d", resp.StatusCode)
	}
}

// A body that comes a byte at a time is given up.
func TestASenderThatDrips(t *testing.T) {
	t.Parallel()
	url, _ := listen(t, webhook.SubscriberOptions{Unsigned: true, ReadTimeout: 50 * time.Millisecond}, nil)
	body := make(dripping)
	defer close(body)
	resp, err := http.Post(url, broker.Structured, body)
	if err == nil {
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusRequestTimeout {
			t.Errorf("answered %d", resp.StatusCode)
		}
	}
}

// dripping is a body that never ends.
type dripping chan struct{}

func (d dripping) Read(p []byte) (int, error) {
	select {
	case <-d:
		return 0, errors.New("the test is over")
	case <-time.After(10 * time.Millisecond):
		p[0] = ' '
		return 1, nil
	}
}

func TestInvalidSubscriberOptionsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field string
		o     webhook.SubscriberOptions
	}{
		{"Secrets", webhook.SubscriberOptions{}},
		{"Secrets", webhook.SubscriberOptions{Secrets: []string{"%"}, Unsigned: true}},
		{"Tolerance", webhook.SubscriberOptions{Unsigned: true, Tolerance: -1}},
		{"MaxSize", webhook.SubscriberOptions{Unsigned: true, MaxSize: -1}},
	} {
		_, err := webhook.NewSubscriber(c.o)
		if e, ok := errors.AsType[*webhook.InvalidError](err); !ok || e.Field != c.field {
			t.Errorf("%+v: got %v", c.o, err)
		}
	}
}
