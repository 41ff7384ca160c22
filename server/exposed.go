package server

import (
	"errors"
	"fmt"
	"net"
)

// ErrExposed is the error of a server that would listen where other machines
// can reach it, without encryption or without asking who calls.
var ErrExposed = errors.New("server: other machines could reach the store unprotected")

// Guard returns [ErrExposed] if other machines can reach an address. A server
// asks before it listens; see [Options.Insecure].
func Guard(a net.Addr) error {
	if tcp, ok := a.(*net.TCPAddr); !ok || tcp.IP.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%w: %v is not a loopback address, and without TLS and users everybody may do everything", ErrExposed, a)
}

// guard refuses to listen beyond this machine unprotected.
func (s *Server) guard(a net.Addr) error {
	if s.opts.Insecure || s.tls != nil && !s.access.Insecure() {
		return nil
	}
	return Guard(a)
}
