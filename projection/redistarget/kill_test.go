package redistarget_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/redistarget"
)

// victim tells a process that is to be killed where to count, and how far.
const victim = "CAIRN_REDISTARGET_VICTIM"

func TestMain(m *testing.M) {
	told := strings.Fields(os.Getenv(victim))
	if len(told) == 0 {
		os.Exit(m.Run())
	}
	if err := count(told[0], told[1], told[2]); err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("finished")
}

// count is a runner, as small as one can be: it counts the events of a log whose
// events are their positions, and says on its output when it is where.
func count(address, prefix, last string) error {
	client := redis.NewClient(&redis.Options{Addr: address})
	defer client.Close()
	target := redistarget.New(client, &redistarget.Options{Prefix: prefix})
	ctx := context.Background()
	for {
		entries, err := target.Entries(ctx, "lane")
		if err != nil {
			return err
		}
		at, end := 0, 0
		fmt.Sscan(last, &end)
		if len(entries) > 0 {
			fmt.Sscan(entries[0].Value, &at)
		}
		if at == end {
			return nil
		}
		to := min(end, at+1+rand.IntN(40))
		fmt.Println("at", at)
		err = target.Update(ctx, move("lane", value(at), value(to)), func(ctx context.Context, tx tx) error {
			for range to - at {
				tx.Incr(ctx, tx.Key("counter"))
			}
			fmt.Println("in", at)
			return nil
		})
		if err != nil && !errors.Is(err, projection.ErrMoved) && target.Fault(err) != projection.FaultDown {
			return err
		}
	}
}

// A process is one that counts.
type process struct {
	cmd     *exec.Cmd
	stopped bool
}

// A herd is processes that compete, and what they say.
type herd struct {
	t     *testing.T
	s     *space
	last  int
	lines chan string
	done  sync.WaitGroup
}

func (h *herd) start() *process {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", victim, h.s.address, h.s.prefix, h.last))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(h.t, err)
	must(h.t, cmd.Start())
	h.done.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			h.lines <- lines.Text()
		}
	})
	return &process{cmd: cmd}
}

func (h *herd) kill(p *process) {
	_ = p.cmd.Process.Kill() // a stopped one too
	_ = p.cmd.Wait()
}

// disturb stops one of two, wakes it, or kills it and starts another one.
func (h *herd) disturb(all []*process) {
	i := rand.IntN(2)
	switch p := all[i]; {
	case p.stopped:
		p.stopped = false
		_ = p.cmd.Process.Signal(syscall.SIGCONT)
	case rand.IntN(3) == 0:
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
	s := open(t)
	h := &herd{t: t, s: s, last: 8000, lines: make(chan string)}
	all := []*process{h.start(), h.start()}
	disturbed := 0
	for line := range h.lines {
		if line == "finished" || strings.HasPrefix(line, "failed") {
			equal(t, "said", line, "finished")
			break
		}
		if rand.IntN(4) == 0 {
			disturbed++
			h.disturb(all)
		}
	}
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
	equal(t, "counter", s.client.Get(t.Context(), s.prefix+"counter").Val(), h.last)
	t.Logf("disturbed %d times", disturbed)
}
