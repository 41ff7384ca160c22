package config

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/operations.md")

const (
	root       = "../../../.."
	operations = root + "/docs/operations.md"
)

// TestDocument compares the tables in docs/operations.md with the code; with
// -update it writes them.
func TestDocument(t *testing.T) {
	b, err := os.ReadFile(operations)
	if err != nil {
		t.Fatal(err)
	}
	document := string(b)
	for name, table := range map[string]func(io.Writer) error{"settings": Markdown, "foreign": MarkdownForeign} {
		var want bytes.Buffer
		if err := table(&want); err != nil {
			t.Fatal(err)
		}
		begin, end := "<!-- "+name+" -->\n", "\n<!-- end of "+name+" -->"
		before, rest, ok := strings.Cut(document, begin)
		got, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("there is no %q and %q", begin, end)
		}
		if *update {
			document = before + begin + want.String() + end + after
		} else if got != want.String() {
			t.Errorf("the table of %s is not that of the code; go test ./cmd/cairn/internal/config -run Document -update writes it", name)
		}
	}
	if *update {
		if err := os.WriteFile(operations, []byte(document), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPackaging finds settings in packaging and documents that do not exist.
func TestPackaging(t *testing.T) {
	l := load(t, map[string]string{"config": root + "/packaging/cairn.yaml"})
	if !l.Secure() || l.Listen != "0.0.0.0:2113" || len(l.Unknown)+len(l.Ignored) > 0 {
		t.Errorf("cairn.yaml: got %+v", l)
	}
	files, err := filepath.Glob(root + "/packaging/*")
	if err != nil || len(files) < 4 {
		t.Fatalf("got %q, %v", files, err)
	}
	name := regexp.MustCompile(`CAIRN_[A-Z_]+[A-Z]`)
	for _, file := range append(files, operations) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range name.FindAllString(string(b), -1) {
			if !ours(n) && n != "CAIRN_TARGET" { // which is none of the server's
				t.Errorf("%s: nobody knows %s", file, n)
			}
		}
	}
}
