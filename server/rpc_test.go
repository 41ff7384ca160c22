package server_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cairntest"
	"github.com/cairndb/cairn/client"
)

func connect(t *testing.T, url string) *client.Client {
	t.Helper()
	c, err := client.Dial(t.Context(), url, nil)
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

// TestOwnClient is Cairn's own client against the whole server.
func TestOwnClient(t *testing.T) {
	for name, s := range map[string]*cairntest.Server{"plain": cairntest.Start(t), "TLS": cairntest.Start(t, cairntest.TLS())} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, s.Cairn())
			if _, err := c.Append(t.Context(), "a", cairn.NoStream, cairn.Event{Type: "t"}); err != nil {
				t.Fatal(err)
			}
			if n := count(t, c, "a"); n != 1 {
				t.Errorf("got %d events, want 1", n)
			}
			if _, err := c.Append(t.Context(), "a", cairn.NoStream, cairn.Event{Type: "t"}); !errors.Is(err, cairn.ErrConflict) {
				t.Errorf("got %v, want a conflict", err)
			}
		})
	}
}

// TestOwnClientGoesOn shuts a server down under a client that appends and one
// that follows.
func TestOwnClientGoesOn(t *testing.T) {
	h := serve(t, nil)
	c := connect(t, "cairn://"+h.addr+"?tls=false")
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	if _, err := c.Append(ctx, "a", cairn.Any, cairn.Event{Type: "t"}); err != nil {
		t.Fatal(err)
	}
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		for _, err := range c.ReadAll(ctx, cairn.AllOptions{Follow: true}) {
			if err != nil && ctx.Err() == nil {
				t.Errorf("the follower: %v", err)
			}
		}
	}()
	if err := errors.Join(h.Shutdown(ctx), <-h.served); err != nil {
		t.Errorf("Shutdown, Serve: %v", err)
	}
	cancel()
	<-followed
}
