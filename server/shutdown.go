package server

import (
	"context"
	"sync"
)

// Shutdown stops the server in good order: it accepts no more connections and
// no more calls, tells followers that it goes, and waits for the calls under way
// to be answered. When ctx ends first it cuts them off, and returns the cause.
// In either case nothing of the server runs when it returns.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopAccepting()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.finish()
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = context.Cause(ctx)
		s.kill()
		s.grpc.Stop()
		s.http.Close()
		<-done
	}
	s.kill()
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.requests.Wait()
	s.rest.Close()
	s.ui.Close()
	s.rpc.Wait()
	s.running.Wait()
	return err
}

// stopAccepting closes the listener and the connections that nobody has taken.
func (s *Server) stopAccepting() {
	s.mu.Lock()
	s.closing = true
	if s.listener != nil {
		s.listener.Close()
	}
	untaken := make([]*conn, 0, len(s.opening))
	for c := range s.opening {
		untaken = append(untaken, c)
	}
	s.mu.Unlock()
	for _, c := range untaken {
		c.raw.Close()
	}
}

// finish waits for what is under way, having told those who would stay for ever.
func (s *Server) finish() {
	s.health.Stop("the server is shutting down")
	s.drain()
	s.rpc.Shutdown()
	var wg sync.WaitGroup
	wg.Go(s.grpc.GracefulStop)
	wg.Go(func() { s.http.Shutdown(s.lifetime) })
	wg.Go(s.kurrent.Close)
	wg.Wait()
}
