package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// apart starts a shop with each service in a process of its own, and a crowd in it.
func apart(t *testing.T, dir string) *process {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes many processes")
	}
	return launch(t, shopAt, "run", "--processes", "--store", dir, "--listen", "127.0.0.1:0", "--shop", "127.0.0.1:0", "--shoppers", "20", "--pause", "1ms")
}

// service is where one of its services listens, and the number of its process.
func (p *process) service(name string) (address string, number int) {
	p.t.Helper()
	m := regexp.MustCompile(name + ` listens on (\S+) \(process (\d+)\)`).FindStringSubmatch(p.before)
	if m == nil {
		p.t.Fatalf("no %s in %s", name, p.before)
	}
	number, err := strconv.Atoi(m[2])
	if err != nil {
		p.t.Fatal(err)
	}
	return m[1], number
}

// TestApart: one command runs each service in a process of its own. One that is
// killed is back, nothing is lost meanwhile, and an interrupt ends all.
func TestApart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := apart(t, dir)
	store := p.log()
	follow(t, store, "OrderPlaced", 3)
	_, payment := p.service("payment")
	if err := syscall.Kill(payment, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	follow(t, store, "saga.ended", 6)
	said, err := p.end(os.Interrupt)
	if err != nil || !strings.Contains(said, "payment      | has ended (signal: killed)") || !strings.Contains(said, " 0 sent away") || p.err.Len() > 0 {
		t.Errorf("it ended with %v, and said %s\n%s", err, said, &p.err)
	}
	var out, errOut bytes.Buffer
	if status := run(t.Context(), []string{"check", "--store", dir}, &out, &errOut); status != ok {
		t.Errorf("status %d\n%s%s", status, &out, &errOut)
	}
}

// TestOrphans: when the process that has started the others is killed, they end.
func TestOrphans(t *testing.T) {
	p := apart(t, filepath.Join(t.TempDir(), "data"))
	var held []net.Conn
	for _, name := range []string{"order", "process", "storefront"} {
		at, _ := p.service(name)
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
	}
	if _, err := p.end(syscall.SIGKILL); err == nil {
		t.Fatal("it was not killed")
	}
	for _, c := range held {
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		if n, err := io.Copy(io.Discard, c); n > 0 || os.IsTimeout(err) {
			t.Errorf("still there: %v", err)
		}
	}
}

// TestApartRefused: what cannot work is refused, or its error is shown.
func TestApartRefused(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want int
		says string
	}{
		"memory":   {[]string{"--broker", "memory"}, misused, "no other hears it"},
		"database": {[]string{"--read-models", "sqlite:/nowhere/at/all.db"}, failed, "has ended before it was ready"},
	} {
		args := append([]string{"run", "--processes", "--listen", "127.0.0.1:0", "--shop", "127.0.0.1:0", "--store", filepath.Join(t.TempDir(), "data")}, c.args...)
		cmd := exec.Command(os.Args[0], args...)
		cmd.Args[0] = "eshop" // and so are those that it starts, which the tests are not
		out, err := cmd.CombinedOutput()
		if err == nil || cmd.ProcessState.ExitCode() != c.want || !strings.Contains(string(out), c.says) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
