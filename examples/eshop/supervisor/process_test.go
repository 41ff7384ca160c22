package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/examples/eshop/supervisor"
)

// TestMain is also the program that the tests have run.
func TestMain(m *testing.M) {
	if as := os.Getenv("SUPERVISED"); as != "" {
		os.Exit(supervised(as))
	}
	os.Exit(m.Run())
}

func supervised(as string) int {
	if as == "broken" {
		fmt.Fprintln(os.Stderr, "there is no sea")
		return 3
	}
	if as != "mute" {
		fmt.Println("at", os.Args[1], os.Getpid())
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Print("told to end") // without an end of the line
	if as == "stubborn" {
		<-time.After(time.Hour) // a select of nothing would be noticed as a deadlock
	}
	return 0
}

// A listener takes what is written, line by line.
type listener chan string

func (l listener) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// next is the next line, without the name before it.
func (l listener) next(t *testing.T) string {
	t.Helper()
	select {
	case line := <-l:
		what, ok := strings.CutPrefix(line, "harbour      | ")
		if !ok {
			t.Errorf("no name before %q", line)
		}
		return strings.TrimSpace(what)
	case <-time.After(30 * time.Second):
		t.Fatal("nothing more is said")
		return ""
	}
}

func options(as string) (supervisor.Options, listener) {
	said := make(listener, 100)
	return supervisor.Options{
		Name: "harbour", Lines: supervisor.NewLines(said), Again: 10 * time.Millisecond,
		Command: func(address string) *exec.Cmd {
			if address == "" {
				address = "pier"
			}
			cmd := exec.Command(os.Args[0], address)
			cmd.Env = append(os.Environ(), "SUPERVISED="+as)
			return cmd
		},
		Ready: func(line string) (string, bool) {
			words := strings.Fields(line)
			if len(words) != 3 || words[0] != "at" {
				return "", false
			}
			return words[1] + "!", true
		},
	}, said
}

// running starts a process and returns its number, too.
func running(t *testing.T, as string) (*supervisor.Process, listener, int) {
	t.Helper()
	o, said := options(as)
	if as == "stubborn" {
		o.Grace = 50 * time.Millisecond
	}
	p, err := supervisor.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p, said, number(t, said.next(t))
}

func number(t *testing.T, line string) int {
	t.Helper()
	words := strings.Fields(line)
	n, err := strconv.Atoi(words[len(words)-1])
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return n
}

func TestStop(t *testing.T) {
	p, said, _ := running(t, "good")
	if p.Address() != "pier!" {
		t.Errorf("at %q", p.Address())
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if line := said.next(t); line != "told to end" {
		t.Errorf("it said %q", line)
	}
}

// TestKilled: what is killed is started again where it was, again and again.
func TestKilled(t *testing.T) {
	p, said, n := running(t, "good")
	for range 3 {
		kill(t, n)
		if line := said.next(t); line != "has ended (signal: killed) and is started again in 10ms" {
			t.Errorf("said %q", line)
		}
		line := said.next(t)
		if !strings.HasPrefix(line, "at pier! ") {
			t.Errorf("it is back %q", line)
		}
		n = number(t, line)
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}

func kill(t *testing.T, n int) {
	t.Helper()
	process, err := os.FindProcess(n)
	if err == nil {
		err = process.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestStopWhileDown: what is to be started again is not, once all is to end.
func TestStopWhileDown(t *testing.T) {
	o, said := options("good")
	o.Again = time.Hour
	p, err := supervisor.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	kill(t, number(t, said.next(t)))
	said.next(t)
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}

func TestStubborn(t *testing.T) {
	p, _, _ := running(t, "stubborn")
	if err := p.Stop(); err == nil || !strings.Contains(err.Error(), "harbour: it was killed, as it did not end within 50ms") {
		t.Error(err)
	}
}

func TestNeverReady(t *testing.T) {
	o, said := options("broken")
	if _, err := supervisor.Start(t.Context(), o); err == nil || err.Error() != "harbour has ended before it was ready: exit status 3" {
		t.Error(err)
	}
	if line := said.next(t); line != "there is no sea" {
		t.Errorf("it said %q", line)
	}
	o, _ = options("mute")
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	command := o.Command
	o.Command = func(address string) *exec.Cmd { cancel(enough); return command(address) }
	if _, err := supervisor.Start(ctx, o); !errors.Is(err, enough) {
		t.Error(err)
	}
	o.Command = func(string) *exec.Cmd { return exec.Command("./no-such-program") }
	if _, err := supervisor.Start(t.Context(), o); err == nil {
		t.Error("what is not there was started")
	}
}
