package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"time"
)

// patience is how long a server may take to come, and to go.
const patience = 20 * time.Second

// A server is the command, serving a store in memory.
type server struct {
	cmd    *exec.Cmd
	output bytes.Buffer
	ended  chan error
}

// serve starts the command and waits until it can be reached.
func (s *suite) serve(ctx context.Context, address string, more ...string) (*server, error) {
	if c, err := net.Dial("tcp", address); err == nil {
		c.Close()
		return nil, fmt.Errorf("somebody listens on %s already", address)
	}
	p := &server{ended: make(chan error, 1)}
	p.cmd = exec.CommandContext(ctx, s.command, append([]string{"serve", "--memory", "--listen", address}, more...)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the server: %w; make build builds it", err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	return p, p.reach(address)
}

// reach waits until somebody listens.
func (p *server) reach(address string) error {
	deadline := time.After(patience)
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			return c.Close()
		}
		select {
		case err := <-p.ended:
			return fmt.Errorf("the server on %s ended: %v\n%s", address, err, &p.output)
		case <-deadline:
			return errors.Join(fmt.Errorf("nobody listens on %s", address), p.stop())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the server in good order. That it does not is an error.
func (p *server) stop() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("the server had ended before: %w\n%s", err, &p.output)
	}
	select {
	case err := <-p.ended:
		if err != nil {
			return fmt.Errorf("the server ended with %w\n%s", err, &p.output)
		}
		return nil
	case <-time.After(patience):
		return errors.Join(errors.New("the server does not end"), p.cmd.Process.Kill(), <-p.ended)
	}
}
