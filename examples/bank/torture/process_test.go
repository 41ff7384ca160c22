package torture

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// roleVariable tells this test's binary, started again, what to be.
const roleVariable = "CAIRN_TORTURE_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "worker":
		if err := Serve(context.Background(), openDisk, os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
	case "deaf": // takes orders and never answers
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		}
	case "dying": // ends at the first order
		bufio.NewScanner(os.Stdin).Scan()
	case "lost": // breaks a promise at the first order
		bufio.NewScanner(os.Stdin).Scan()
		fmt.Println(`{"said":"failed","error":"it is gone","promise":"durable"}`)
	default:
		os.Exit(m.Run())
	}
}

func openDisk(dir string) (cairn.Store, error) {
	store, err := disk.Open(dir, nil)
	if err != nil {
		return nil, err
	}
	return store, nil
}

// as starts this binary again in a role.
func as(t *testing.T, role string) func() *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func() *exec.Cmd {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), roleVariable+"="+role)
		cmd.Stderr = t.Output()
		return cmd
	}
}

// TestRunKills tortures a store on disk with processes that are killed.
func TestRunKills(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	c := short(t, openDisk)
	c.Dir = filepath.Join(t.TempDir(), "store")
	c.Start, c.Duration, c.Turn = as(t, "worker"), 2*time.Second, 200*time.Millisecond
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Kills == 0 || r.Transfers == 0 || r.Acknowledged == 0 || r.Kills+r.Clean != r.Turns {
		t.Errorf("%+v", r)
	}
}

// TestRunInsideOnDiskInMemory gives the engine itself the turns of one process.
func TestRunInsideOnDiskInMemory(t *testing.T) {
	files := vfs.NewMem()
	c := short(t, func(string) (cairn.Store, error) {
		store, err := disk.Open("store", &disk.Options{FS: files})
		if err != nil {
			return nil, err
		}
		return store, nil
	})
	if _, err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func TestProcessHangs(t *testing.T) {
	c := short(t, newKeeper(t).open)
	c.Start, c.NoKill, c.Patience = as(t, "deaf"), true, 50*time.Millisecond
	if _, err := Run(t.Context(), c); !errors.Is(err, errSilent) {
		t.Errorf("Run = %v; want errSilent", err)
	}
}

func TestProcessDies(t *testing.T) {
	c := short(t, newKeeper(t).open)
	c.Start, c.NoKill = as(t, "dying"), true
	if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "has died") {
		t.Errorf("Run = %v; want that a process has died", err)
	}
}

// TestProcessReports: what a process finds out is the result, whatever end its
// turn was to have.
func TestProcessReports(t *testing.T) {
	for _, noKill := range []bool{true, false} {
		c := short(t, newKeeper(t).open)
		c.Start, c.NoKill, c.Duration = as(t, "lost"), noKill, time.Minute
		_, err := Run(t.Context(), c)
		if v, ok := errors.AsType[*Violation](err); !ok || v.Promise != "durable" {
			t.Errorf("Run = %v; want the violation", err)
		}
	}
}

// TestKilledProcessReports: what a process says just before it is killed counts.
func TestKilledProcessReports(t *testing.T) {
	lost := &Violation{Promise: "durable", Details: "it is gone"}
	p := &process{orders: nobody{}, messages: make(chan message, 2)}
	p.signal, p.ended = func(syscall.Signal) {}, func() {}
	p.messages <- message{Said: saidOpened}
	p.messages <- failure(lost)
	close(p.messages)
	if v, ok := errors.AsType[*Violation](p.kill()); !ok || *v != *lost {
		t.Errorf("kill = %v; want %v", v, lost)
	}
}

// nobody takes orders.
type nobody struct{ io.Writer }

func (nobody) Close() error { return nil }
