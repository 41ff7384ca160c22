package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cairndb/cairn"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cairn": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		os.Exit(Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("CAIRN_STORE", "store")
			e.Values[startedKey{}] = &started{}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":    status,
			"start":     start,
			"interrupt": interrupt,
			"lines":     lines,
			"flip":      flip,
			"bytes":     writeBytes,
			"large":     large,
			"cut":       cut,
			"serve":     serveMemory,
		},
	})
}

// status N COMMAND... runs a command that must exit with status N.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// startedKey is where a script keeps what it has started.
type startedKey struct{}

// started is a command that runs while the script goes on.
type started struct {
	cmd *exec.Cmd
	out *bufio.Reader
}

// start TEXT COMMAND... starts a command and waits until it has printed a line
// that holds the text.
func start(ts *testscript.TestScript, _ bool, args []string) {
	path, err := exec.LookPath(args[1])
	if dir := ts.Getenv("PATH"); err != nil {
		path = filepath.Join(filepath.SplitList(dir)[0], args[1])
	}
	cmd := exec.Command(path, args[2:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), append(os.Environ(), "CAIRN_STORE="+ts.Getenv("CAIRN_STORE"))
	pipe, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	s := started{cmd, bufio.NewReader(pipe)}
	for line := ""; !strings.Contains(line, args[0]); {
		if line, err = s.out.ReadString('\n'); err != nil {
			_ = cmd.Process.Kill()
			ts.Fatalf("%q did not come: %v, %v", args[0], err, cmd.Wait())
		}
	}
	*ts.Value(startedKey{}).(*started) = s
	ts.Defer(func() { _ = cmd.Process.Kill() })
}

// interrupt N interrupts what was started, which must exit with status N.
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value(startedKey{}).(*started)
	ts.Check(s.cmd.Process.Signal(os.Interrupt))
	_, err := io.Copy(io.Discard, s.out)
	ts.Check(err)
	_ = s.cmd.Wait()
	if got := strconv.Itoa(s.cmd.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// lines FILE FROM TO writes a history of events FROM to TO.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), history(from, to), 0o666))
}

// flip DIR TEXT changes one byte of the first place in the files under a
// directory that holds the text.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	done := false
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || done {
			return err
		}
		b, err := os.ReadFile(path)
		if at := bytes.Index(b, []byte(args[1])); at >= 0 {
			done = true
			b[at] ^= 1
			return os.WriteFile(path, b, 0o666)
		}
		return err
	}))
	if !done {
		ts.Fatalf("no file under %s holds %q", args[0], args[1])
	}
}

// bytes FILE GO-STRING writes a file of any bytes.
func writeBytes(ts *testscript.TestScript, _ bool, args []string) {
	s, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(s), 0o666))
}

// large FILE SIZE makes a file of a size.
func large(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), make([]byte, size), 0o666))
}

// cut FILE SIZE cuts a file off.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// history is lines like those of a version control system: a few long streams
// and many short ones.
func history(from, to int) []byte {
	var b bytes.Buffer
	for n := from; n < to; n++ {
		id := cairn.ID{14: byte(n >> 8), 15: byte(n), 0: 0xc0}
		stream, kind, data := "repository-cairn", "CommitMade", fmt.Sprintf(`{"commit":"%040x","files":%d}`, n, n%7)
		if n%8 != 0 {
			stream, kind = fmt.Sprintf("file-cairn/src/%d.go", n*7919%977), [...]string{"FileAdded", "FileModified", "FileRemoved"}[n%3]
			data = fmt.Sprintf(`{"commit":"%040x","added":%d}`, n/8*8, n%100)
		}
		fmt.Fprintf(&b, `{"id":"%v","stream":"%s","type":"%s","data":%s,"metadata":{"$correlationId":"%040x"},"created":"2012-10-29T16:%02d:%02dZ"}`+"\n",
			id, stream, kind, data, n/8*8, n/60%60, n%60)
	}
	return b.Bytes()
}
