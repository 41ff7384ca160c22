package archtest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks follows every link from one page of the project to another file.
func TestLinks(t *testing.T) {
	eachFile(t, func(name string) {
		if path.Ext(name) != ".md" {
			return
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range links(string(text)) {
			if _, err := os.Stat(filepath.Join(root, path.Dir(name), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", name, target)
			}
		}
	})
}

// links are the files that a page links to, without the places in them.
func links(text string) (targets []string) {
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		target, _, _ := strings.Cut(m[1], "#")
		if target != "" && !strings.Contains(target, "://") && !strings.HasPrefix(target, "mailto:") {
			targets = append(targets, target)
		}
	}
	return targets
}

func TestLinksOfAPage(t *testing.T) {
	const text = "[a](docs/a.md), [b](b.md#part), [c](#here), [d](https://example.org/d), ![e](e.png)"
	if got := strings.Join(links(text), " "); got != "docs/a.md b.md e.png" {
		t.Errorf("links = %q", got)
	}
}
