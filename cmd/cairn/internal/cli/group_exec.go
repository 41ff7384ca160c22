package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/internal/ndjson"
)

// statusBadData is the exit status of a command that wants an event parked. It is that
// of sysexits.h for broken data, where 75 is a failure that will pass.
const (
	statusBadData = 65
)

// A quota ends a command when so many events are settled.
type quota struct {
	limit  int64 // none if zero
	n      atomic.Int64
	enough func()
}

func (q *quota) settled() {
	if q.n.Add(1) == q.limit {
		q.enough()
	}
}

// byCommand runs a command for each event.
func byCommand(ctx context.Context, c *console, s cairn.Store, name string, o group.Options, command string, q *quota) error {
	r := runner{command: command, out: &locked{w: c.out}, err: &locked{w: c.err}, attempts: &sync.Map{}}
	o.OnSettled = func(e *cairn.Recorded, _ int) { r.attempts.Delete(e.Position); q.settled() }
	o.OnRetry = func(e *cairn.Recorded, attempt int, after time.Duration, err error) {
		r.attempts.Store(e.Position, attempt)
		fmt.Fprintln(r.err, c.dim(fmt.Sprintf("attempt %d at %s failed, the next is in %s: %s", attempt, placeOf(e), took(after), printable(message(err)))))
	}
	o.OnParked = func(e *cairn.Recorded, attempt int, err error) {
		r.attempts.Delete(e.Position)
		fmt.Fprintf(r.err, "parked %s after %s: %s\n", placeOf(e), counted(attempt, "attempt", "attempts"), printable(message(err)))
		q.settled()
	}
	return group.Run(ctx, s, name, o, r.run)
}

func placeOf(e *cairn.Recorded) string {
	return fmt.Sprintf("%s@%d (position %s)", printable(e.Stream), e.Revision, count(e.Position))
}

// A runner runs a command.
type runner struct {
	command  string
	out, err io.Writer
	attempts *sync.Map // that have failed, by position
}

func (r *runner) run(ctx context.Context, e cairn.Recorded) error {
	cmd := exec.CommandContext(ctx, "sh", "-c", r.command)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	failed, _ := r.attempts.LoadOrStore(e.Position, 0)
	cmd.Env = append(os.Environ(), "CAIRN_STREAM="+e.Stream, "CAIRN_TYPE="+e.Type, fmt.Sprintf("CAIRN_REVISION=%d", e.Revision),
		fmt.Sprintf("CAIRN_POSITION=%d", e.Position), fmt.Sprintf("CAIRN_ATTEMPT=%d", failed.(int)+1))
	var said tail
	cmd.Stdin = bytes.NewReader(append(ndjson.AppendPlaced(nil, &e), '\n'))
	cmd.Stdout, cmd.Stderr = r.out, io.MultiWriter(r.err, &said)
	err := cmd.Run()
	status, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return err // it was not even started, or it is done
	}
	err = fmt.Errorf("%w%s", err, said.last())
	if status.ExitCode() == statusBadData {
		return group.Park(err)
	}
	return err
}

// A tail keeps the last of what was written to it.
type tail struct{ kept []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	t.kept = t.kept[max(0, len(t.kept)-1024):]
	return len(b), nil
}

// last is the last line, to be put behind something.
func (t *tail) last() string {
	lines := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + strings.ToValidUTF8(last, "�")
	}
	return ""
}

// locked is a writer for several commands at once.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}
