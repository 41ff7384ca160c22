package redistarget_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/redistarget"
)

// A private is a Redis of the test's own, which it may stop and spoil.
type private struct {
	*space
	dir  string
	port string
	args []string
	cmd  *exec.Cmd
}

// alone starts a Redis with some more settings.
func alone(t *testing.T, args ...string) *private {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a Redis")
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server to start")
	}
	p := &private{dir: t.TempDir(), args: args}
	for range 20 { // somebody may take the port before it does
		p.port = free(t)
		if p.start(t) {
			p.space = at(t, "127.0.0.1:"+p.port)
			return p
		}
	}
	t.Fatal("redis-server does not start")
	return nil
}

func free(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// start starts it and waits until it listens, also if it is loading still.
func (p *private) start(t *testing.T) bool {
	t.Helper()
	args := append([]string{"--port", p.port, "--bind", "127.0.0.1", "--dir", p.dir, "--save", "", "--appendonly", "yes",
		"--appendfsync", "always", "--enable-debug-command", "yes", "--loglevel", "notice"}, p.args...)
	cmd := exec.Command("redis-server", args...)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines, listens := bufio.NewScanner(out), false
	for lines.Scan() && !listens {
		listens = strings.Contains(lines.Text(), "Server initialized") || strings.Contains(lines.Text(), "Ready to accept connections")
	}
	if !listens {
		_ = cmd.Wait()
		return false
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines.Scan() { // so that it never waits for us
		}
	}()
	p.cmd = cmd
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-read; _ = cmd.Wait() })
	return true
}

// kill ends it without warning, and waits until its port is free.
func (p *private) kill(t *testing.T) {
	t.Helper()
	must(t, p.cmd.Process.Kill())
	_ = p.cmd.Wait()
}

// until tries until it succeeds or a minute is over.
func until(t *testing.T, try func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-tick.C:
		}
	}
}

func add(n int64) func(context.Context, tx) error {
	return func(ctx context.Context, tx tx) error { return tx.IncrBy(ctx, tx.Key("counter"), n).Err() }
}

// A Redis that is killed comes back with rows and ledger as they were together. All
// that it cannot do meanwhile is that it is down.
func TestRestart(t *testing.T) {
	p := alone(t)
	target := p.target(t)
	for n := range 5 {
		must(t, target.Update(t.Context(), move("a", value(n), value(n+1)), add(1)))
		p.kill(t)
		err := target.Update(t.Context(), move("a", value(n+1), value(n+2)), add(1))
		equal(t, fmt.Sprint("fault of ", err), target.Fault(err), projection.FaultDown)
		if !p.start(t) {
			t.Fatal("it does not start again")
		}
		until(t, func() error { return target.Update(t.Context(), move("b", value(n), value(n+1)), add(1)) })
		equal(t, "counter", p.client.Get(t.Context(), p.prefix+"counter").Val(), 2*(n+1))
	}
}

func value(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func TestLoading(t *testing.T) {
	p := alone(t, "--key-load-delay", "2000", "--loading-process-events-interval-bytes", "1024")
	target := p.target(t)
	must(t, target.Update(t.Context(), move("a", "", "1"), func(ctx context.Context, tx tx) error {
		for n := range 3000 {
			tx.Set(ctx, tx.Key("row", fmt.Sprint(n)), strings.Repeat("x", 100), 0)
		}
		return nil
	}))
	p.client.ConfigSet(t.Context(), "rdbcompression", "no")
	must(t, p.client.BgRewriteAOF(t.Context()).Err())
	until(t, func() error {
		if info := p.client.Info(t.Context(), "persistence").Val(); !strings.Contains(info, "aof_rewrite_in_progress:0") || strings.Contains(info, "aof_rewrite_scheduled:1") {
			return errors.New("still rewriting")
		}
		return nil
	})
	p.kill(t)
	if !p.start(t) {
		t.Fatal("it does not start again")
	}
	err := target.Apply(t.Context(), move("a", "1", "2"))
	if !strings.Contains(fmt.Sprint(err), "LOADING") {
		t.Skipf("it loads faster than we can ask: %v", err)
	}
	equal(t, "fault", target.Fault(err), projection.FaultDown)
}

// A Redis whose memory is full refuses the whole transaction, and is down.
func TestOutOfMemory(t *testing.T) {
	p := alone(t)
	target := p.target(t)
	must(t, target.Update(t.Context(), move("a", "", "1"), add(1)))
	before := p.state(t)
	must(t, p.client.ConfigSet(t.Context(), "maxmemory", "1").Err())
	for name, fn := range map[string]func(context.Context, tx) error{
		"add": add(1),
		"del, then add": func(ctx context.Context, tx tx) error {
			tx.Del(ctx, tx.Key("counter"))
			return tx.Set(ctx, tx.Key("new"), "x", 0).Err()
		},
	} {
		err := target.Update(t.Context(), move("a", "1", "2"), fn)
		equal(t, fmt.Sprint(name, ": ", err), target.Fault(err), projection.FaultDown)
	}
	equal(t, "state", p.state(t), before)
	must(t, p.client.ConfigSet(t.Context(), "maxmemory", "0").Err())
	must(t, target.Update(t.Context(), move("a", "1", "2"), add(1)))
}

func TestEviction(t *testing.T) {
	p := alone(t)
	must(t, p.client.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err())
	must(t, p.target(t).Apply(t.Context(), move("a", "", "1"))) // without a limit it evicts nothing
	must(t, p.client.ConfigSet(t.Context(), "maxmemory", "100mb").Err())
	target := p.target(t)
	err := target.Update(t.Context(), move("a", "1", "2"), add(1))
	if !errors.Is(err, redistarget.ErrEvicts) || target.Fault(err) != projection.FaultSetup {
		t.Errorf("%v", err)
	}
}

func TestReplica(t *testing.T) {
	p := alone(t)
	target := p.target(t)
	must(t, target.Update(t.Context(), move("a", "", "1"), add(1)))
	before := p.state(t)
	must(t, p.client.Do(t.Context(), "replicaof", "127.0.0.1", "1").Err())
	err := target.Update(t.Context(), move("a", "1", "2"), add(1))
	equal(t, fmt.Sprint("fault of ", err), target.Fault(err), projection.FaultDown)
	equal(t, "state", p.state(t), before)
	must(t, p.client.ConfigSet(t.Context(), "replica-serve-stale-data", "no").Err())
	_, err = target.Entries(t.Context(), "")
	equal(t, fmt.Sprint("fault of ", err), target.Fault(err), projection.FaultDown)
	must(t, p.client.Do(t.Context(), "replicaof", "no", "one").Err())
	must(t, target.Update(t.Context(), move("a", "1", "2"), add(1)))
	equal(t, "counter", p.client.Get(t.Context(), p.prefix+"counter").Val(), 2)
}

// Missing rights are for a person to mend, and change nothing.
func TestRights(t *testing.T) {
	p := alone(t)
	must(t, p.client.Do(t.Context(), "acl", "setuser", "reader", "on", ">secret", "~*", "+@read", "+@connection").Err())
	must(t, p.client.Do(t.Context(), "acl", "setuser", "writer", "on", ">secret", "~*", "&*", "+@all", "-dump").Err())
	must(t, p.client.Do(t.Context(), "acl", "setuser", "narrow", "on", ">secret", "~"+p.prefix+"cairn*", "&*", "+@all").Err())
	must(t, p.client.Do(t.Context(), "acl", "setuser", "blind", "on", ">secret", "~*", "&*", "+@all", "-command|getkeys").Err())
	must(t, p.target(t).Update(t.Context(), move("a", "", "1"), add(1)))
	before := p.state(t)
	for _, user := range []string{"reader", "writer", "narrow", "blind"} {
		target := redistarget.New(p.connect(t, func(o *redis.Options) { o.Username, o.Password = user, "secret" }), &redistarget.Options{Prefix: p.prefix})
		err := target.Update(t.Context(), move("a", "1", "2"), func(ctx context.Context, tx tx) error { add(1)(ctx, tx); return add(1)(ctx, tx) })
		equal(t, fmt.Sprint(user, ": ", err), target.Fault(err), projection.FaultSetup)
	}
	equal(t, "state", p.state(t), before)
	must(t, p.client.ConfigSet(t.Context(), "requirepass", "x").Err())
	target := p.target(t)
	err := target.Apply(t.Context(), move("a", "1", "2"))
	equal(t, fmt.Sprint("without a password: ", err), target.Fault(err), projection.FaultSetup)
}
