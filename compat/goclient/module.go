package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const clientModule = "github.com/kurrent-io/KurrentDB-Client-Go"

// copyModule copies the client's module. Where Go keeps it nothing can be
// written, and the tests want certificates beside them.
func copyModule(ctx context.Context, to string) error {
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", clientModule)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("looking for the module %s: %w", clientModule, err)
	}
	from := strings.TrimSpace(string(out))
	if from == "" {
		return fmt.Errorf("the module %s is not there: run go mod download", clientModule)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return err
	})
}

// topLevel lists the module's tests.
func (s *suite) topLevel(ctx context.Context) ([]string, error) {
	out, err := s.binary(ctx, "-test.list", ".").Output()
	if err != nil {
		return nil, fmt.Errorf("listing the tests: %w", err)
	}
	return strings.Fields(string(out)), nil
}

// test builds the tests and runs them one by one, so that one which panics or
// hangs takes no other with it.
func (s *suite) test(ctx context.Context) (results, error) {
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", "client.test", "./test")
	build.Dir = s.dir
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the tests: %w\n%s", err, out)
	}
	names, err := s.topLevel(ctx)
	if err != nil {
		return nil, err
	}
	all := results{}
	for _, name := range names {
		if !s.only.MatchString(name) {
			continue
		}
		if err := s.testOne(ctx, name, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *suite) testOne(ctx context.Context, name string, all results) error {
	cmd := s.binary(ctx, "-test.run", "^"+name+"$", "-test.v=test2json", "-test.count=1", "-test.timeout=45s")
	begin := time.Now()
	out, _ := cmd.Output() // what failed is in the output
	fmt.Printf("%-40s %5.1f s\n", name, time.Since(begin).Seconds())
	if s.verbose {
		os.Stdout.Write(out)
	}
	convert := exec.CommandContext(ctx, "go", "tool", "test2json")
	convert.Stdin = bytes.NewReader(out)
	events, err := convert.Output()
	if err != nil {
		return fmt.Errorf("reading what %s printed: %w", name, err)
	}
	return all.add(events)
}

// binary is the tests' own program, in the folder where it wants to be.
func (s *suite) binary(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.dir, "client.test"), args...)
	cmd.Dir = filepath.Join(s.dir, "test")
	if s.verbose {
		cmd.Stderr = os.Stderr
	}
	return cmd
}
