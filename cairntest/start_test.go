package cairntest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/kurrent-io/KurrentDB-Client-Go/kurrentdb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cairntest"
)

func connect(t testing.TB, s *cairntest.Server) *kurrentdb.Client {
	t.Helper()
	settings, err := kurrentdb.ParseConnectionString(s.KurrentDB())
	if err != nil {
		t.Fatal(err)
	}
	settings.Logger = nil
	c, err := kurrentdb.NewClient(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// TestOrders is how a program that uses KurrentDB's client is tested.
func TestOrders(t *testing.T) {
	s := cairntest.Start(t)
	client := connect(t, s)

	placed := kurrentdb.EventData{EventType: "order.placed", ContentType: kurrentdb.ContentTypeJson, Data: []byte(`{"total":12}`)}
	if _, err := client.AppendToStream(t.Context(), "order-1", kurrentdb.AppendToStreamOptions{StreamState: kurrentdb.NoStream{}}, placed); err != nil {
		t.Fatal(err)
	}
	for e, err := range s.Store().ReadStream(t.Context(), "order-1", cairn.ReadOptions{}) {
		if err != nil || e.Type != "order.placed" {
			t.Errorf("got %v, %v, want an order that was placed", e, err)
		}
	}
}

func TestTLS(t *testing.T) {
	s := cairntest.Start(t, cairntest.TLS())
	client := connect(t, s)
	event := kurrentdb.EventData{EventType: "t", ContentType: kurrentdb.ContentTypeJson, Data: []byte(`{}`)}
	if _, err := client.AppendToStream(t.Context(), "a", kurrentdb.AppendToStreamOptions{}, event); err != nil {
		t.Error(err)
	}
	events, err := client.ReadStream(t.Context(), "a", kurrentdb.ReadStreamOptions{
		Authenticated: &kurrentdb.Credentials{Login: "admin", Password: "wrong"},
	}, 10)
	if err == nil {
		_, err = events.Recv()
		events.Close()
	}
	if e, ok := errors.AsType[*kurrentdb.Error](err); !ok || e.Code() != kurrentdb.ErrorCodeUnauthenticated {
		t.Errorf("with a wrong password: got %v, want unauthenticated", err)
	}
	if _, err := os.Stat(s.CAFile()); err != nil {
		t.Error(err)
	}
}

func TestHTTP(t *testing.T) {
	for name, s := range map[string]*cairntest.Server{"plain": cairntest.Start(t), "TLS": cairntest.Start(t, cairntest.TLS())} {
		t.Run(name, func(t *testing.T) {
			config := &tls.Config{}
			if s.CAFile() != "" {
				config = s.ClientTLS(t)
			}
			transport := &http.Transport{TLSClientConfig: config}
			defer transport.CloseIdleConnections()
			r, err := (&http.Client{Transport: transport}).Get(s.HTTP() + "/ping")
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != http.StatusOK {
				t.Errorf("GET /ping: got %v, %v, want 200", r.Status, err)
			}
		})
	}
}

// A silent test notes that it failed and keeps it to itself.
type silent struct {
	testing.TB
	failed   bool
	cleanups []func()
}

func (s *silent) Errorf(string, ...any)    { s.failed = true }
func (s *silent) Cleanup(f func())         { s.cleanups = append(s.cleanups, f) }
func (s *silent) Helper()                  {}
func (s *silent) Context() context.Context { return context.Background() }

func (s *silent) end() {
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanups[i]()
	}
}

func TestStoppedInGoodOrder(t *testing.T) {
	inner := &silent{TB: t}
	s := cairntest.Start(inner)
	client := connect(t, s)
	subscription, err := client.SubscribeToAll(t.Context(), kurrentdb.SubscribeToAllOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer subscription.Close()
	inner.end()
	if inner.failed {
		t.Error("a subscription that was open failed the test, although the server ends it")
	}
	if _, err := s.Store().Info(t.Context()); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("the store afterwards: got %v, want %v", err, cairn.ErrClosed)
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		inner := &silent{TB: b}
		cairntest.Start(inner)
		inner.end()
	}
}

func BenchmarkStartTLS(b *testing.B) {
	for b.Loop() {
		inner := &silent{TB: b}
		cairntest.Start(inner, cairntest.TLS())
		inner.end()
	}
}
