package inbox_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/inbox"
)

// victim names the directory of the store in a process that is to be killed.
const victim = "CAIRN_INBOX_VICTIM"

// messages is how many there are in the tests with processes that are killed.
const messages = 60

func TestMain(m *testing.M) {
	dir := os.Getenv(victim)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := handleAll(dir, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// handleAll handles every message, from many goroutines as a broker would, and
// says so with a line each time it is in a handler, and behind one.
func handleAll(dir string, out *os.File) error {
	store, err := disk.Open(dir, nil)
	if err != nil {
		return err
	}
	in, err := inbox.Open(context.Background(), store, "billing", inbox.Options{})
	if err != nil {
		return err
	}
	handle := in.Handler(func(ctx context.Context, d broker.Delivery) (cairn.Batch, error) {
		fmt.Fprintln(out, "handling")
		return invoice(ctx, d)
	})
	failed := make(chan error, 4)
	for w := range cap(failed) {
		go func() {
			for n := range messages {
				if err := handle(context.Background(), delivery(fmt.Sprint((n+w*7)%messages), "")); err != nil {
					failed <- err
					return
				}
				fmt.Fprintln(out, "handled")
			}
			failed <- nil
		}()
	}
	for range cap(failed) {
		if e := <-failed; e != nil {
			err = e
		}
	}
	if e := store.Close(); err == nil {
		err = e
	}
	return err
}

// A process is killed after some line that it has written, then another one
// after some more, until one comes to its end. All of them got every message.
func TestKilledOwners(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir() + "/store"
	for _, lines := range []int{1, 2, 25, 77, 120, 1 << 20} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), victim+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := bufio.NewScanner(out)
		for n := 0; n < lines && said.Scan(); n++ {
		}
		if lines < 1<<20 {
			_ = cmd.Process.Kill() // it may have ended already
			_ = cmd.Wait()
		} else if err := cmd.Wait(); err != nil {
			t.Fatalf("the last process: %v", err)
		}
	}
	store, err := disk.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	got := effects(t, store)
	equal(t, "messages with an effect", len(got), messages)
	for stream, n := range got {
		if n != 1 {
			t.Errorf("%s has %d effects", stream, n)
		}
	}
}
