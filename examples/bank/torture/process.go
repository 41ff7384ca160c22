package torture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// A process is one that runs [Serve], as the one who gives it orders sees it.
type process struct {
	orders   io.WriteCloser
	messages chan message // closed when it says no more
	patience time.Duration

	signal func(syscall.Signal)
	ended  func() // waits until it has
}

// start starts a process. It waits for orders.
func (c Config) start(ctx context.Context) (*process, error) {
	if c.Start == nil {
		return c.startInside(ctx), nil
	}
	cmd := c.Start()
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a process: %w", err)
	}
	return c.process(orders, said, command{cmd}), nil
}

// startInside starts Serve in this process. It cannot be killed, only stopped.
func (c Config) startInside(ctx context.Context) *process {
	hear, orders := io.Pipe()
	said, say := io.Pipe()
	s := inside{done: make(chan struct{})}
	go func() {
		defer close(s.done)
		_ = say.CloseWithError(Serve(ctx, c.Open, hear, say)) // it was said
	}()
	return c.process(orders, said, s)
}

// running is what runs a process.
type running interface {
	signal(syscall.Signal)
	wait()
}

type command struct{ *exec.Cmd }

func (c command) signal(s syscall.Signal) { _ = c.Process.Signal(s) } // it may have ended already
func (c command) wait()                   { _ = c.Wait() }            // how it ended is known from what it said

type inside struct{ done chan struct{} }

func (i inside) signal(syscall.Signal) {}
func (i inside) wait()                 { <-i.done }

func (c Config) process(orders io.WriteCloser, said io.Reader, r running) *process {
	p := &process{orders: orders, messages: make(chan message, 8), patience: c.Patience, signal: r.signal, ended: r.wait}
	go p.listen(said)
	return p
}

// listen ends when the process does.
func (p *process) listen(said io.Reader) {
	defer close(p.messages)
	for in := json.NewDecoder(said); ; {
		var m message
		if err := in.Decode(&m); err != nil {
			return
		}
		p.messages <- m
	}
}

func (p *process) tell(o order) error { return json.NewEncoder(p.orders).Encode(o) }

// errSilent means that a process does not answer.
var errSilent = errors.New("torture: a process hangs")

// hear returns what the process says next, which must be what is wanted. What
// it says about a failure becomes the error. A process that hangs is made to
// print its goroutines.
func (p *process) hear(ctx context.Context, want string) (message, error) {
	silence := time.NewTimer(p.patience)
	defer silence.Stop()
	select {
	case <-ctx.Done():
		return message{}, context.Cause(ctx)
	case <-silence.C:
		p.signal(syscall.SIGQUIT)
		return message{}, fmt.Errorf("%w: no word of %q for %v", errSilent, want, p.patience)
	case m, ok := <-p.messages:
		switch {
		case !ok:
			return message{}, fmt.Errorf("torture: a process has died, and should be %s", want)
		case m.Said == saidFailed:
			return m, m.err()
		case m.Said != want:
			return m, fmt.Errorf("torture: a process is %s, and should be %s", m.Said, want)
		}
		return m, nil
	}
}

// quiet lets the process work for a while. It has nothing to say meanwhile but
// that it failed.
func (p *process) quiet(ctx context.Context, d time.Duration) error {
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-over.C:
		return nil
	case m, ok := <-p.messages:
		if ok && m.Said == saidFailed {
			return m.err()
		}
		return fmt.Errorf("torture: a process has ended (%s), and should be at work", m.Said)
	}
}

// kill ends the process as a power switch would.
func (p *process) kill() error {
	p.signal(syscall.SIGKILL)
	return p.end()
}

// end sends no more orders and waits until the process has ended. The error is
// a failure that it still reports.
func (p *process) end() (err error) {
	_ = p.orders.Close()
	for m := range p.messages {
		if m.Said == saidFailed {
			err = errors.Join(err, m.err())
		}
	}
	p.ended()
	return err
}
