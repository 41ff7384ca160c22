package archtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArchitectureDocument: docs/architecture.md has the table of rules as it is
// here, and a line about every package in its file map.
func TestArchitectureDocument(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "docs/architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if want := table(rules); !strings.Contains(text, want) {
		t.Errorf("docs/architecture.md does not hold the table of rules, which is\n\n%s", want)
	}
	for _, f := range folders(t) {
		if !strings.Contains(text, "\n"+mapEntry(f.dir)) {
			t.Errorf("docs/architecture.md: the file map has no line that begins with %q", mapEntry(f.dir))
		}
	}
}

// mapEntry is how the line of a folder begins.
func mapEntry(dir string) string {
	if dir == "." {
		return "| `cairn` |"
	}
	return "| `" + dir + "` |"
}

// table renders the rules for people.
func table(rules []rule) string {
	var b strings.Builder
	b.WriteString("| package | may import, besides the standard library | because |\n|---|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", named(r.packages), imports(r), r.because)
	}
	return b.String()
}

func imports(r rule) string {
	if len(r.may) == 0 {
		return "nothing"
	}
	var may, not []string
	for _, p := range r.may {
		if p, found := strings.CutPrefix(p, "!"); found {
			not = append(not, named(p))
		} else {
			may = append(may, named(p))
		}
	}
	text := strings.Join(may, ", ")
	if len(not) > 0 {
		text += "; not " + strings.Join(not, ", ")
	}
	return text
}

func named(pattern string) string {
	switch pattern {
	case ".":
		return "`cairn`"
	case "...":
		return "anything"
	}
	return "`" + pattern + "`"
}

func TestTable(t *testing.T) {
	got := table([]rule{
		{".", nil, "a"},
		{"x/...", []string{".", "y", "!z"}, "b"},
		{"c", []string{"...", "!d/..."}, "c"},
	})
	const want = `| package | may import, besides the standard library | because |
|---|---|---|
| ` + "`cairn` | nothing | a |" + `
| ` + "`x/...` | `cairn`, `y`; not `z` | b |" + `
| ` + "`c` | anything; not `d/...` | c |\n"
	if got != want {
		t.Errorf("table =\n%s\nwant\n%s", got, want)
	}
}
