package archtest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// Every one of these ties a file to a machine, or promises work instead of
// doing it.
var (
	machinePath  = regexp.MustCompile(`(?:^|[\s"'=(:` + "`" + `])((?:/(?:work|root|Users/\w+|home/\w+)|[A-Z]:\\Users)[/\\])`)
	registryHost = regexp.MustCompile(`\b((?:proxy\.golang|registry\.npmjs|deb\.debian|sum\.golang)\.org)\b`)
	promise      = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
)

// TestFilesAreAtHomeAnywhere looks at every text file for what would be true on
// one machine only.
func TestFilesAreAtHomeAnywhere(t *testing.T) {
	eachFile(t, func(name string) {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if isText(text) && !slices.Contains([]string{"LICENSE", "internal/archtest/text_test.go"}, name) {
			for _, wrong := range homebound(text) {
				t.Errorf("%s:%s", name, wrong)
			}
		}
	})
}

func isText(b []byte) bool { return bytes.IndexByte(b[:min(len(b), 8<<10)], 0) < 0 }

// homebound reports the lines that hold such words.
func homebound(text []byte) (wrong []string) {
	line := 0
	for l := range bytes.Lines(text) {
		line++
		for _, re := range []*regexp.Regexp{machinePath, registryHost, promise} {
			if m := re.FindSubmatch(l); m != nil {
				wrong = append(wrong, fmt.Sprintf("%d: %s does not belong into the project", line, m[1]))
			}
		}
	}
	return wrong
}

func TestHomebound(t *testing.T) {
	for _, c := range []struct {
		line string
		want int
	}{
		{"cd /work/main", 1},
		{`open("/root/data")`, 1},
		{"/home/ann/cairn", 1},
		{"--dir=/Users/ann/x", 1},
		{`C:\Users\ann`, 1},
		{"via proxy.golang.org", 1},
		{"// TODO: later", 1},
		{"https://example.org/work/1", 0},
		{"the work/main split", 0},
		{"a root/child", 0},
		{"/tmp/data and /var/lib/cairn", 0},
		{"context.TODO()", 1},
		{"fine\nfine\nat /work/x", 1},
	} {
		if got := homebound([]byte(c.line)); len(got) != c.want {
			t.Errorf("%q: reported %q, want %d", c.line, got, c.want)
		}
	}
}
