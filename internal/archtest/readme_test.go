package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var block = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// TestReadmeProgram builds the program in README.md, runs it in an empty
// folder and compares what it prints with the block that follows it.
func TestReadmeProgram(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	program, want := example(string(text))
	if program == "" || want == "" {
		t.Fatal("README.md holds no program followed by its output")
	}
	if lines := strings.Count(program, "\n"); lines > 45 {
		t.Errorf("the program has %d lines; a reader wants fewer", lines)
	}
	if got := output(t, program); got != want {
		t.Errorf("the program printed\n%s\nREADME.md says\n%s", got, want)
	}
}

// example finds the first Go block that is a whole program, and the block after it.
func example(text string) (program, output string) {
	for _, m := range block.FindAllStringSubmatch(text, -1) {
		switch {
		case program != "":
			return program, m[2]
		case m[1] == "go" && strings.HasPrefix(m[2], "package main\n"):
			program = m[2]
		}
	}
	return program, ""
}

func output(t *testing.T, program string) string {
	t.Helper()
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "program.exe")
	if err := os.WriteFile(source, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, source)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.CommandContext(t.Context(), binary)
	run.Dir = t.TempDir()
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestExample(t *testing.T) {
	const text = "a\n```go\nx := 1\n```\n```go\npackage main\n```\nprints\n\n```\n42\n```\n```\nother\n```\n"
	if program, output := example(text); program != "package main\n" || output != "42\n" {
		t.Errorf("example = %q, %q", program, output)
	}
}
