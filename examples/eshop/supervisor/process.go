package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// Options say what is to run, and how.
type Options struct {
	Name string // for people

	// Command makes a command that has not been started. It is given the address
	// where the process was before, or an empty one the first time. Standard input
	// and output are the supervisor's to set. Required.
	Command func(address string) *exec.Cmd

	// Ready finds in a line that the process writes the address at which it
	// answers. Required.
	Ready func(line string) (address string, ok bool)

	// Lines takes what the process writes. Required.
	Lines *Lines

	// Again is how long to wait before what has ended is started again. Zero means
	// two seconds.
	Again time.Duration

	// Grace is how long a process may take to end once it was told to; then it is
	// killed. Zero means 20 seconds.
	Grace time.Duration
}

// A Process is a program that is kept running.
type Process struct {
	o       Options
	address string
	end     chan struct{} // closed when it is to end
	ended   chan error    // holds how it did
}

// Start runs the program. It returns when that is ready, or an error if it ends
// before, or ctx does. Later the program is kept running whatever becomes of ctx:
// [Process.Stop] ends it, and must be called.
func Start(ctx context.Context, o Options) (*Process, error) {
	if o.Again == 0 {
		o.Again = 2 * time.Second
	}
	if o.Grace == 0 {
		o.Grace = 20 * time.Second
	}
	p := &Process{o: o, end: make(chan struct{}), ended: make(chan error, 1)}
	r, err := p.launch()
	if err != nil {
		return nil, err
	}
	select {
	case p.address = <-r.ready:
	case err := <-r.ended:
		return nil, fmt.Errorf("%s has ended before it was ready: %w", o.Name, orZero(err))
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), r.kill())
	}
	go p.keep(r)
	return p, nil
}

// Address is where the process answers, also after it was started again.
func (p *Process) Address() string { return p.address }

// Stop lets the process end and waits for it. It returns how it ended; nil if it
// was not running at this moment. It must be called once.
func (p *Process) Stop() error {
	close(p.end)
	if err := <-p.ended; err != nil {
		return fmt.Errorf("%s: %w", p.o.Name, err)
	}
	return nil
}

// keep has the program running until it is to end.
func (p *Process) keep(r *run) {
	for {
		select {
		case err := <-r.ended:
			p.o.Lines.write(p.o.Name, fmt.Sprintf("has ended (%v) and is started again in %s", orZero(err), p.o.Again))
		case <-p.end:
			p.ended <- r.stop(p.o.Grace)
			return
		}
		if r = p.again(); r == nil {
			p.ended <- nil
			return
		}
	}
}

// again starts the program after a while, or returns nil if it is to end.
func (p *Process) again() *run {
	for {
		select {
		case <-time.After(p.o.Again):
		case <-p.end:
			return nil
		}
		r, err := p.launch()
		if err == nil {
			return r
		}
		p.o.Lines.write(p.o.Name, fmt.Sprint("cannot be started: ", err))
	}
}

// errZero is how a process has ended that had nothing to complain of.
var errZero = errors.New("exit status 0")

func orZero(err error) error {
	if err == nil {
		return errZero
	}
	return err
}

// A run is one process of the program.
type run struct {
	cmd   *exec.Cmd
	stdin io.Closer
	ready chan string // gets the first address
	ended chan error  // gets how it ended, when all that it wrote was handed on
}

func (p *Process) launch() (*run, error) {
	r := &run{cmd: p.o.Command(p.address), ready: make(chan string, 1), ended: make(chan error, 1)}
	apart(r.cmd)
	says := &speaker{name: p.o.Name, to: p.o.Lines, heard: func(line string) {
		if address, ok := p.o.Ready(line); ok && len(r.ready) == 0 {
			r.ready <- address
		}
	}}
	r.cmd.Stdout, r.cmd.Stderr = says, says // the same, so that only one writes at a time
	stdin, err := r.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	r.stdin = stdin
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		err := r.cmd.Wait()
		says.end()
		r.ended <- err
	}()
	return r, nil
}

// stop lets the process end, and kills it if it does not.
func (r *run) stop(grace time.Duration) error {
	_ = r.stdin.Close() // it may be gone, which Wait tells
	select {
	case err := <-r.ended:
		return err
	case <-time.After(grace):
		return errors.Join(fmt.Errorf("it was killed, as it did not end within %s", grace), r.kill())
	}
}

func (r *run) kill() error {
	_ = r.cmd.Process.Kill() // it may be gone
	<-r.ended
	return nil
}
