package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cairntest"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/examples/eshop/shop"
)

// A process is an eshop of its own.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	out *bufio.Reader
	err bytes.Buffer

	before string // what it said before it said where it is
	url    string
}

// launch starts one and waits until it says where it is.
func launch(t *testing.T, where *regexp.Regexp, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Args[0], p.cmd.Stderr = "eshop", &p.err
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	for {
		line, err := p.out.ReadString('\n')
		if m := where.FindStringSubmatch(line); m != nil {
			p.url = "http://" + m[1]
			return p
		}
		p.before += line
		if err != nil {
			t.Fatalf("eshop %v: %v %s", args, p.cmd.Wait(), &p.err)
		}
	}
}

// end sends a signal, and returns how the process has ended and what else it said.
func (p *process) end(s os.Signal) (string, error) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
	rest, _ := io.ReadAll(p.out)
	return string(rest), p.cmd.Wait()
}

var (
	shopAt    = regexp.MustCompile(`^The shop is open +http://(\S+)`)
	serviceAt = regexp.MustCompile(` listens on (\S+)`)
	lines     = []contract.Line{{SKU: "stone-first", Name: "A stone for a cairn", Quantity: 2, Cents: 300}}
)

// log opens the store that the process serves.
func (p *process) log() cairn.Store {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	m := windowAt.FindStringSubmatch(line)
	if err != nil || m == nil {
		p.t.Fatalf("no window after the shop: %q %v", line, err)
	}
	store, err := dial(p.t.Context(), "cairn://"+m[1]+"?tls=false")
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { store.Close() })
	return store
}

var windowAt = regexp.MustCompile(`^The window on it +http://([^/]+)/ui`)

// follow waits for so many events of a type.
func follow(t *testing.T, store cairn.Store, kind string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, err := range store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByType(kind), Follow: true, Limit: n}) {
		if err != nil {
			t.Fatalf("waiting for %d of %s: %v", n, kind, err)
		}
	}
}

// TestTheProcessIsKilled: a whole shop is killed while orders are on their way,
// again and again. In the end all of them are through, and the audit has nothing
// to say.
func TestTheProcessIsKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	args := []string{"run", "--store", dir, "--listen", "127.0.0.1:0", "--shop", "127.0.0.1:0"}
	for n := range 3 {
		p := launch(t, shopAt, append(args, "--shoppers", "30", "--pause", "1ms")...)
		follow(t, p.log(), "OrderPlaced", 12*(n+1))
		if _, err := p.end(syscall.SIGKILL); err == nil {
			t.Fatal("it was not killed")
		}
	}
	p := launch(t, shopAt, args...)
	store := p.log()
	placed, err := cairn.Collect(store.ReadAll(t.Context(), cairn.AllOptions{Query: cairn.ByType("OrderPlaced")}))
	if err != nil {
		t.Fatal(err)
	}
	follow(t, store, "saga.ended", len(placed))
	if said, err := p.end(os.Interrupt); err != nil {
		t.Errorf("it ended with %v: %s%s", err, said, &p.err)
	}
	var out, errOut bytes.Buffer
	status := run(t.Context(), []string{"check", "--store", dir}, &out, &errOut)
	if status != ok || !strings.Contains(out.String(), ", 0 of them under way") || !strings.Contains(out.String(), "money and stock are conserved") {
		t.Errorf("status %d\n%s%s", status, &out, &errOut)
	}
}

// TestRunEnds: an interrupt lets the customers finish, and then shuts the shop.
func TestRunEnds(t *testing.T) {
	p := launch(t, shopAt, "run", "--store", filepath.Join(t.TempDir(), "data"), "--listen", "127.0.0.1:0", "--shop", "127.0.0.1:0", "--shoppers", "20", "--pause", "1ms")
	follow(t, p.log(), "OrderPlaced", 3)
	if said, err := p.end(os.Interrupt); err != nil || !strings.Contains(said, " 0 sent away") || p.err.Len() > 0 {
		t.Errorf("it ended with %v, and said %q\n%s", err, said, &p.err)
	}
}

func TestExitStatus(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"help":            {nil, ok},
		"unknown command": {[]string{"rnu"}, misused},
		"unknown flag":    {[]string{"run", "--shop-at", "x"}, misused},
		"too few":         {[]string{"run", "--shoppers", "-1"}, misused},
		"no name":         {[]string{"service"}, misused},
		"unknown service": {[]string{"service", "pigeons"}, misused},
		"alone":           {[]string{"service", "order"}, misused},
		"unknown broker":  {[]string{"run", "--broker", "pigeons", "--listen", "127.0.0.1:0"}, failed},
		"bad space":       {[]string{"run", "--space", "a.b"}, misused},
		"no store":        {[]string{"check"}, failed},
		"no database":     {[]string{"run", "--read-models", "oracle://x", "--listen", "127.0.0.1:0"}, failed},
	} {
		var out, errOut bytes.Buffer
		args := c.args
		if len(args) > 0 {
			args = append(args, "--store", filepath.Join(t.TempDir(), "none"))
		}
		if got := run(t.Context(), args, &out, &errOut); got != c.want || got != ok && strings.Count(errOut.String(), "\n") != 1 {
			t.Errorf("%s: status %d, want %d: %s", name, got, c.want, &errOut)
		}
	}
}

// TestEachServiceInAProcess: the services are apart, over a server that all share,
// and each is killed in turn while orders come.
func TestEachServiceInAProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes many processes")
	}
	server := cairntest.Start(t)
	db := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	start := func(name string) *process {
		return launch(t, serviceAt, "service", name, "--server", server.Cairn(), "--read-models", db)
	}
	running := map[string]*process{}
	for _, name := range shop.Names {
		running[name] = start(name)
	}
	orders := 0
	place := func() {
		orders++
		c := &rest.Client{Name: "order", URL: running["order"].url}
		body := map[string]any{"id": fmt.Sprint("o", orders), "customer": "Ann", "lines": lines}
		if _, err := c.Do(t.Context(), "POST", "/orders", body, nil); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"process", "payment", "inventory", "catalogue", "notification", "order"} {
		place()
		running[name].end(syscall.SIGKILL)
		running[name] = start(name)
		place()
	}
	c := &rest.Client{Name: "order", URL: running["order"].url}
	deadline := time.Now().Add(time.Minute)
	for n := 1; n <= orders; n++ {
		var o order.Listed
		for o.Status != order.Allocated && time.Now().Before(deadline) {
			_, _ = c.Do(t.Context(), "GET", fmt.Sprint("/orders/o", n), nil, &o) // it may not be there yet
			time.Sleep(50 * time.Millisecond)
		}
		if o.Status != order.Allocated {
			t.Errorf("order %d is %q", n, o.Status)
		}
	}
	var all sync.WaitGroup
	for name, p := range running {
		all.Go(func() {
			if said, err := p.end(os.Interrupt); err != nil {
				t.Errorf("%s ended with %v: %s%s", name, err, said, &p.err)
			}
		})
	}
	all.Wait()
	var out, errOut bytes.Buffer
	if status := run(t.Context(), []string{"check", "--server", server.Cairn()}, &out, &errOut); status != ok {
		t.Errorf("status %d\n%s%s", status, &out, &errOut)
	}
}
