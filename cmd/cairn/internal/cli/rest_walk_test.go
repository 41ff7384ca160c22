package cli

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var updateWalk = flag.Bool("update", false, "write the answers in docs/rest.md again")

const walkPage = "../../../../docs/rest.md"

// TestWalkOverHTTP runs the commands of docs/rest.md, with curl and against two
// servers, and compares what they print with what the page says.
func TestWalkOverHTTP(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	page, err := os.ReadFile(walkPage)
	if err != nil {
		t.Fatal(err)
	}
	here, there := serveFor(t, "--memory"), serveFor(t, "--memory")
	hosts := strings.NewReplacer("localhost:2113", here.addr, "localhost:2114", there.addr)
	dir, answers := t.TempDir(), 0
	var written strings.Builder
	rest := string(page)
	for step, ok := nextStep(&rest, &written); ok; step, ok = nextStep(&rest, &written) {
		got := timeless(runStep(t, dir, hosts.Replace(step.command)))
		if step.answered {
			answers++
		}
		if step.answered && got != timeless(step.answer) && !*updateWalk {
			t.Errorf("%s\nprints\n%s\nand the page says\n%s", step.command, got, step.answer)
		}
		if step.answered {
			written.WriteString(got)
		}
	}
	written.WriteString(rest)
	if answers < 15 {
		t.Errorf("the page has %d answers only", answers)
	}
	if *updateWalk {
		if err := os.WriteFile(walkPage, []byte(written.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A walkStep is a block of commands, and the block behind it, if that is an
// answer.
type walkStep struct {
	command, answer string
	answered        bool
}

const fence = "\n```"

// nextStep takes a step off a page, and writes down what it passes over, but for
// the answer.
func nextStep(rest *string, passed *strings.Builder) (s walkStep, ok bool) {
	take := func(end string) string {
		before, after, _ := strings.Cut(*rest, end)
		passed.WriteString(before + end)
		*rest = after
		return before
	}
	if !strings.Contains(*rest, fence+"sh\n") {
		return s, false
	}
	take(fence + "sh\n")
	s.command = take(fence + "\n")
	if behind := strings.TrimLeft(*rest, "\n"); strings.HasPrefix(behind, "```") && !strings.HasPrefix(behind, "```sh\n") {
		take("```")
		take("\n") // the language
		s.answered = true
		s.answer, *rest, _ = strings.Cut(*rest, "```")
		*rest = "```" + *rest
	}
	return s, true
}

// runStep runs commands. One that gives up after a time has not failed.
func runStep(t *testing.T, dir, command string) string {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-e")
	shell.Dir, shell.Stdin = dir, strings.NewReader(command)
	var errs bytes.Buffer
	shell.Stderr = &errs
	out, err := shell.Output()
	const gaveUp = 28 // to curl
	if err != nil && !(strings.Contains(command, "--max-time") && shell.ProcessState.ExitCode() == gaveUp) {
		t.Fatalf("%s\n%v: %s%s", command, err, out, errs.Bytes())
	}
	return string(out)
}

var walkTimes = []struct {
	found *regexp.Regexp
	as    string
}{
	{regexp.MustCompile(`\r\n`), "\n"},
	{regexp.MustCompile(`(?m)^Date: .*$`), "Date: Fri, 01 May 2026 10:00:00 GMT"},
	{regexp.MustCompile(`"(created|time)":"[^"]*"`), `"$1":"2026-05-01T10:00:00Z"`},
	{regexp.MustCompile(`"id":"01[0-9a-f]{6}-[0-9a-f-]{27}"`), `"id":"019de2ad-7f80-7c4e-9b0a-2d1f6c3e8a55"`}, // made by the store
	{regexp.MustCompile(`([^\n])$`), "$1\n"},
	{regexp.MustCompile(`\n+$`), "\n"},
}

// timeless makes what differs each time the same.
func timeless(s string) string {
	for _, r := range walkTimes {
		s = r.found.ReplaceAllString(s, r.as)
	}
	return s
}
