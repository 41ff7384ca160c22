package platform_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/platform"
)

var errOver = errors.New("the test is over")

// serve serves a service by name, or over TCP, until the test ends.
func serve(t *testing.T, l net.Listener, h http.Handler) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- platform.Serve(ctx, l, h, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel(errOver)
		if err := <-ended; !errors.Is(err, errOver) {
			t.Errorf("the server has ended: %v", err)
		}
	})
}

func saying(what string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, what, r.URL.Path) })
}

func ask(n *platform.Network, service string) (string, error) {
	resp, err := n.Client().Get(n.URL(service) + "/a")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

// TestNetwork: who asks does not see where a service is.
func TestNetwork(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, saying("far"))
	n := platform.NewNetwork(map[string]string{"far": l.Addr().String()})
	t.Cleanup(n.Close)
	serve(t, n.Listen("near"), saying("near"))
	for _, service := range []string{"near", "far"} {
		if got, err := ask(n, service); err != nil || got != service+"/a" {
			t.Error(service, got, err)
		}
	}
	if _, err := ask(n, "nowhere"); err == nil || !strings.Contains(err.Error(), `nobody has said where the service "nowhere" is`) {
		t.Error(err)
	}
	gone := n.Listen("gone")
	if err := errors.Join(gone.Close(), gone.Close()); err != nil {
		t.Error(err)
	}
	if _, err := gone.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if _, err := ask(n, "gone"); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// TestServeEndsStreams: a request that lasts does not hold up the end.
func TestServeEndsStreams(t *testing.T) {
	n := platform.NewNetwork(nil)
	t.Cleanup(n.Close)
	left := make(chan struct{})
	serve(t, n.Listen("live"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(left)
	}))
	resp, err := n.Client().Get(n.URL("live"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close(); <-left })
}
