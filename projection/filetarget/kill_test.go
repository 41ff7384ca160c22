package filetarget

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// killDir is the variable that makes the test's own program write to a directory
// until it is killed.
const killDir = "CAIRN_FILETARGET_KILL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		fmt.Println(writeForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever applies events, and says which it has applied.
func writeForever(dir string) error {
	ctx := context.Background()
	target, err := Open(dir, small(Parquet))
	if err != nil {
		return err
	}
	if err := setUp(ctx, target); err != nil {
		return err
	}
	found, err := target.Entries(ctx, checkpoint)
	if err != nil {
		return err
	}
	var n int64
	if len(found) > 0 {
		if n, err = strconv.ParseInt(found[0].Value, 10, 64); err != nil {
			return err
		}
	}
	for {
		n++
		if err := step(ctx, target, n); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// TestKill kills a process that writes, at random, and looks each time what is there
// while it writes and afterwards.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	last := int64(0)
	for round := range 6 {
		acked := killed(t, dir, last)
		seen := check(t, folder(dir))
		target, err := Open(dir, small(Parquet))
		if err != nil {
			t.Fatal(err)
		}
		p := position(t, target)
		if err := target.Close(); err != nil {
			t.Fatal(err)
		}
		if p < acked || p > acked+1 || seen > p || check(t, folder(dir)) != p {
			t.Fatalf("round %d: the checkpoint is at %d, readers saw %d, and %d was acknowledged", round, p, seen, acked)
		}
		last = p
	}
}

// killed runs the process until it has written some more events, and returns the
// last one that it has acknowledged.
func killed(t *testing.T, dir string, last int64) int64 {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), killDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until, acked := last+1+rand.Int64N(15), last
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			t.Fatalf("the process says %q", lines.Text())
		}
		if acked = n; n == until {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the process has ended by itself")
	}
	return acked
}
