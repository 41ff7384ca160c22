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
	do := map[string]func(address, prefix, what string) error{"count": count, "run": runner}[told[0]]
	if err := do(told[1], told[2], told[3]); err != nil {
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
	told    string
	stopped bool
}

// A herd is two processes that compete, and what they say.
type herd struct {
	t     *testing.T
	s     *space
	told  []string // what each shall do
	lines chan string
	done  sync.WaitGroup
}

func (h *herd) start(told string) *process {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victim+"="+told)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(h.t, err)
	must(h.t, cmd.Start())
	h.done.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			h.lines <- lines.Text()
		}
	})
	return &process{cmd: cmd, told: told}
}

func (h *herd) kill(p *process) {
	_ = p.cmd.Process.Kill() // a stopped one too
	_, _ = p.cmd.Process.Wait()
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
		all[i] = h.start(p.told)
	case !all[1-i].stopped:
		p.stopped = true
		_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	}
}

// until runs two processes and disturbs them, until something that one of them says
// makes done true. It says how often it has disturbed them.
func (h *herd) until(done func(line string) bool) (disturbed int) {
	h.lines = make(chan string)
	all := []*process{h.start(h.told[0]), h.start(h.told[1])}
	for line := range h.lines {
		if strings.HasPrefix(line, "failed") {
			h.t.Error(line)
			break
		}
		if done(line) {
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
	return disturbed
}

// Two processes count, and are killed, stopped and woken in the middle of it. Each
// event is counted once.
func TestKilledAndStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	s := open(t)
	const last = 8000
	told := fmt.Sprintf("count %s %s %d", s.address, s.prefix, last)
	h := &herd{t: t, s: s, told: []string{told, told}}
	disturbed := h.until(func(line string) bool { return line == "finished" })
	equal(t, "counter", s.client.Get(t.Context(), s.prefix+"counter").Val(), last)
	t.Logf("disturbed %d times", disturbed)
}
