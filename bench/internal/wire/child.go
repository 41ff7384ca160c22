package wire

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/cairndb/cairn/bench/internal/measure"
)

// A child is a server in a process of its own.
type child struct {
	cmd     *exec.Cmd
	stdin   io.Closer // closing it tells the server to end
	address string
}

// announcement begins the line in which a server says where it listens.
const announcement = "listening on "

// start runs a server until stop. The command is that of this program's
// [Serve].
func start(command []string, kind, dir string) (*child, error) {
	args := append(command[1:len(command):len(command)], "-kind", kind, "-dir", dir)
	c := &child{cmd: exec.Command(command[0], args...)}
	c.cmd.Stderr = os.Stderr
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	c.stdin = stdin
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), announcement)
	if !ok {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait() // it was killed
		return nil, fmt.Errorf("wire: the server %s said %q: %w", kind, line, err)
	}
	c.address = address
	return c, nil
}

// stop lets the server end in good order.
func (c *child) stop() error {
	_ = c.stdin.Close() // it may have ended already, which Wait tells
	return c.cmd.Wait()
}

// CPU is the processor time that the server has used.
func (c *child) CPU(context.Context) (time.Duration, error) {
	return measure.FamilyCPU(c.cmd.Process.Pid)
}

// Resident is the memory that the server occupies.
func (c *child) Resident() (int64, error) { return measure.Resident(c.cmd.Process.Pid) }
