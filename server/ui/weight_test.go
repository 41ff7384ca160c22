package ui_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/ui"
)

// maxWeight is how many bytes a page has at most, with all that it loads and nothing
// compressed, before there is much to show.
const maxWeight = 200_000

// TestPagesAreLight weighs each page that the navigation leads to, and some that it
// does not, for a browser that has nothing of it yet.
func TestPagesAreLight(t *testing.T) {
	w := newWorld(t, ui.Options{Storage: func(context.Context) (ui.Storage, error) { return ui.Storage{}, nil }})
	w.append("a-1", event("t", `{}`))
	_, first := w.get("/ui/")
	navigation, _, _ := strings.Cut(first, "</nav>")
	pages := []string{"/ui/streams/a-1", "/ui/streams/a-1/state", "/ui/events/1", "/ui/login"}
	for _, href := range hrefs(navigation, "/ui/") {
		if !strings.HasPrefix(href, "/ui/assets/") {
			pages = append(pages, href)
		}
	}
	if len(pages) < 9 {
		t.Errorf("only these pages are weighed: %q", pages)
	}
	assets := map[string]int{}
	for _, path := range pages {
		_, page := w.get(path)
		weight := len(page)
		for _, link := range regexp.MustCompile(`(?:href|src)="(/ui/assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			weight += w.weigh(assets, link[1])
		}
		t.Logf("%s: %d bytes, %d of them of the page itself", path, weight, len(page))
		if weight > maxWeight {
			t.Errorf("%s has %d bytes, more than %d", path, weight, maxWeight)
		}
	}
}

// weigh is how many bytes an asset has.
func (w *world) weigh(known map[string]int, path string) int {
	if _, ok := known[path]; !ok {
		status, body := w.get(path)
		if known[path] = len(body); status != http.StatusOK {
			w.t.Errorf("%s: %d", path, status)
		}
	}
	return known[path]
}
