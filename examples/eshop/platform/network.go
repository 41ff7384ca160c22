package platform

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Network finds services by their names: http://order/orders/7 is a request to
// the one that is called order. In one process connections are pipes to it; in
// many they are TCP. Who asks sees no difference.
type Network struct {
	remote    map[string]string
	client    *http.Client
	transport *http.Transport

	mu    sync.Mutex
	local map[string]*pipes
}

// NewNetwork makes a network of services that run elsewhere, at host:port by name.
// Those that run in this process are added by [Network.Listen].
func NewNetwork(remote map[string]string) *Network {
	n := &Network{remote: maps.Clone(remote), local: map[string]*pipes{}}
	n.transport = &http.Transport{DialContext: n.dial, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}
	n.client = &http.Client{Transport: n.transport}
	return n
}

// Client sends requests to services. It has no timeout: contexts have.
func (n *Network) Client() *http.Client { return n.client }

// URL is where a service is for the client, without a slash at its end.
func (n *Network) URL(service string) string { return "http://" + service }

// Close closes connections that nobody uses.
func (n *Network) Close() { n.transport.CloseIdleConnections() }

// Listen makes a service of this process reachable under its name, until the
// listener is closed.
func (n *Network) Listen(service string) net.Listener {
	l := &pipes{name: service, connections: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.local[service] = l
	return l
}

func (n *Network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	service, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	l := n.local[service]
	n.mu.Unlock()
	if l != nil {
		return l.dial(ctx)
	}
	at, ok := n.remote[service]
	if !ok {
		return nil, fmt.Errorf("nobody has said where the service %q is", service)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", at)
}
