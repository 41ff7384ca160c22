package telemetry

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
)

// Profiles serves what net/http/pprof does, under /debug/pprof/. It shows the
// memory of the process to whoever asks: serve it on a listener of
// [ListenLoopback] and nowhere else.
func Profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// ListenLoopback listens on an address that only this machine can reach, and
// refuses any other. A name must resolve to such addresses only.
func ListenLoopback(ctx context.Context, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	if host == "" {
		return nil, notLoopback(address)
	}
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	for _, ip := range ips {
		if !ip.IP.IsLoopback() {
			return nil, notLoopback(address)
		}
	}
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", net.JoinHostPort(ips[0].String(), port))
}

func notLoopback(address string) error {
	return fmt.Errorf("telemetry: %s can be reached from other machines; profiles are served on 127.0.0.1 or [::1] only", address)
}
