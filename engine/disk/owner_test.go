package disk_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// TestMain lets the tests run themselves as other processes.
func TestMain(m *testing.M) {
	switch os.Getenv("CAIRN_TEST_CHILD") {
	case "hold":
		holdStore(os.Args[1])
	case "write":
		writeStore(os.Args[1:])
	default:
		os.Exit(m.Run())
	}
}

// child prepares this program as another process.
func child(t testing.TB, role string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Env, c.Stderr = append(os.Environ(), "CAIRN_TEST_CHILD="+role), os.Stderr
	return c
}

// holdStore is a process that has a store open until its input ends.
func holdStore(dir string) {
	s, err := disk.Open(dir, nil)
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString("open\n")
	_, _ = bufio.NewReader(os.Stdin).ReadByte()
	_ = s.Close()
}

func TestAnotherProcessHasTheStore(t *testing.T) {
	dir := t.TempDir()
	c := child(t, "hold", dir)
	in, _ := c.StdinPipe()
	out, _ := c.StdoutPipe()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatal(line, err)
	}
	for name, o := range map[string]*disk.Options{"to write": nil, "to read": {ReadOnly: true}, "existing": {MustExist: true}} {
		_, err := disk.Open(dir, o)
		if inUse, ok := errors.AsType[*disk.InUseError](err); !ok || inUse.PID != c.Process.Pid || !errors.Is(err, disk.ErrInUse) {
			t.Errorf("%s: %v, want it in use by process %d", name, err, c.Process.Pid)
		}
	}
	if _, err := disk.Verify(t.Context(), dir, nil); !errors.Is(err, disk.ErrInUse) {
		t.Errorf("verify: %v", err)
	}
	in.Close()
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir, nil).Close(); err != nil {
		t.Error(err)
	}
}

func TestThisProcessHasTheStore(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(dir))
	s := open(t, dir, nil)
	defer s.Close()
	for _, path := range []string{dir, link, dir + "/.", filepath.Base(dir), link + "/../link"} {
		if _, err := disk.Open(path, nil); !errors.Is(err, disk.ErrInUse) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := s.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t"}); err != nil {
		t.Error("the owner was disturbed:", err)
	}
	c := child(t, "hold", link)
	if out, err := c.Output(); err == nil || !strings.Contains(string(out), "in use") {
		t.Errorf("another process: %q, %v", out, err)
	}
}
