//go:build unix

package sqltarget_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	command "os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// A herd is processes that compete, and what they say.
type herd struct {
	t     *testing.T
	db    *database
	lines chan string
	done  sync.WaitGroup
	kills int
}

// A process is one that counts.
type process struct {
	cmd     *command.Cmd
	stopped bool
}

func (h *herd) start() *process {
	cmd := command.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s", victim, h.db.driver, h.db.source))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.done.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			h.lines <- lines.Text()
		}
	})
	return &process{cmd: cmd}
}

func (h *herd) kill(p *process) {
	h.kills++
	_ = p.cmd.Process.Kill() // a stopped one too
	_ = p.cmd.Wait()
}

// disturb stops one of two, wakes it, or kills it and starts another one.
func (h *herd) disturb(all []*process) {
	const enough = 10 // kills: each costs the start of a process
	i := rand.IntN(2)
	switch p := all[i]; {
	case p.stopped:
		p.stopped = false
		_ = p.cmd.Process.Signal(syscall.SIGCONT)
	case rand.IntN(3) == 0 && h.kills < enough:
		h.kill(p)
		all[i] = h.start()
	case !all[1-i].stopped:
		p.stopped = true
		_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	}
}

// Two processes count, and are killed, stopped and woken in the middle of it. Each
// event is counted once.
func TestKilledAndStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	each(t, func(t *testing.T, db *database) {
		h := &herd{t: t, db: db, lines: make(chan string)}
		all := []*process{h.start(), h.start()}
		disturbed := 0
		for line := range h.lines {
			if strings.HasPrefix(line, "failed") {
				t.Error(line)
				break
			}
			if rand.IntN(8) > 0 {
				continue
			}
			var n int
			if db.QueryRow(`SELECT n FROM counter`).Scan(&n) == nil && n >= counted {
				break
			}
			disturbed++
			h.disturb(all)
		}
		h.end(all)
		t.Logf("disturbed %d times, killed %d times", disturbed, h.kills)
		equal(t, "counter", one[int](t, db.DB, `SELECT n FROM counter`), counted)
		equal(t, "events seen", one[int](t, db.DB, `SELECT count(*) FROM seen WHERE n = 1`), counted)
	})
}

// end kills all and waits for what they have said.
func (h *herd) end(all []*process) {
	var rest sync.WaitGroup
	rest.Go(func() {
		for range h.lines { // so that nobody waits for us
		}
	})
	for _, p := range all {
		h.kill(p)
	}
	h.done.Wait()
	close(h.lines)
	rest.Wait()
}
