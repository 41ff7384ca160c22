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
	part     part
	cmd      *exec.Cmd
	stdin    io.Closer
	ended    chan error // of this life; closed behind what it ended with
	finished bool       // it came to its end by itself
}

func (p *process) String() string { return fmt.Sprintf("%s %d", p.part.Role, p.part.Number) }

// keeps reports whether others connect to the process.
func (p *process) keeps() bool { return p.part.Role == "orders" || p.part.Role == "billing" }

// start begins a life. Of one that listens it returns where, when it does.
func (p *process) start(patience time.Duration) (address string, err error) {
	raw, err := json.Marshal(p.part)
	if err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	p.cmd = exec.Command(self)
	p.cmd.Env = append(os.Environ(), variable+"="+string(raw))
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return "", err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := p.cmd.Start(); err != nil {
		return "", err
	}
	said, ended := make(chan string, 1), make(chan error, 1)
	p.ended = ended
	go attend(p.cmd, out, said, ended)
	if !p.keeps() {
		return "", nil
	}
	if address, err = p.hear(said, patience); err != nil {
		p.kill()
	}
	return address, err
}

// attend listens to a process until it ends, and says how it did.
func attend(cmd *exec.Cmd, out io.Reader, said chan<- string, ended chan<- error) {
	defer close(ended)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), announcement); ok {
			said <- address
		}
	}
	ended <- cmd.Wait()
}

func (p *process) hear(said <-chan string, patience time.Duration) (string, error) {
	silence := time.NewTimer(patience)
	defer silence.Stop()
	select {
	case address := <-said:
		return address, nil
	case err := <-p.ended:
		return "", fmt.Errorf("%v did not start: %v", p, err)
	case <-silence.C:
		return "", fmt.Errorf("%v did not start within %v", p, patience)
	}
}

// kill ends the life as a power switch would. A process that has just ended by
// itself was not killed.
func (p *process) kill() (killed bool) {
	if p.cmd.Process.Kill() != nil {
		return false
	}
	err := <-p.ended
	return err != nil && strings.Contains(err.Error(), "signal: killed")
}

// stop lets the process end in good order.
func (p *process) stop(patience time.Duration) error {
	_ = p.stdin.Close() // it may be gone, which ended tells
	if p.finished {
		return nil
	}
	silence := time.NewTimer(patience)
	defer silence.Stop()
	select {
	case err := <-p.ended:
		if err != nil {
			return fmt.Errorf("%v: %w", p, err)
		}
		return nil
	case <-silence.C:
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("%v did not end within %v", p, patience)
	}
}
