package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A process plays a part, one life after the other.
type process struct {
	part  part
	hear  func(line string) // what it says; by one goroutine
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan error // of this life

	paused bool
}

func (p *process) String() string { return fmt.Sprintf("%s %d", p.part.Role, p.part.Number) }

// start begins a life.
func (p *process) start() error {
	raw, err := json.Marshal(p.part)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p.cmd = exec.Command(self)
	p.cmd.Env = append(os.Environ(), variable+"="+string(raw))
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.ended, p.paused = make(chan error, 1), false
	go attend(p.cmd, out, p.hear, p.ended)
	return nil
}

// attend listens to a process until it ends, and says how it did. What a process
// that was killed has not said to the end was not said.
func attend(cmd *exec.Cmd, out io.Reader, hear func(string), ended chan<- error) {
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		hear(strings.TrimSuffix(line, "\n"))
	}
	ended <- cmd.Wait()
}

// kill ends the life as a power switch would. A process that has just ended by
// itself was not killed.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("%v, life %d, has ended before it could be killed: %v", p, p.part.Life, <-p.ended)
	}
	if err := <-p.ended; err == nil || !strings.Contains(err.Error(), "killed") {
		return fmt.Errorf("%v, life %d, has ended before it could be killed: %v", p, p.part.Life, err)
	}
	return nil
}

// again begins the next life.
func (p *process) again() error {
	p.part.Life++
	return p.start()
}

// stop lets the process end in good order.
func (p *process) stop(patience time.Duration) error {
	p.wake()
	_ = p.stdin.Close() // it may be gone, which ended tells
	silence := time.NewTimer(patience)
	defer silence.Stop()
	select {
	case err := <-p.ended:
		if err != nil {
			return fmt.Errorf("%v, life %d, has ended: %w", p, p.part.Life, err)
		}
		return nil
	case <-silence.C:
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("%v did not end within %v", p, patience)
	}
}
