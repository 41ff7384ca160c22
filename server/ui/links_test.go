package ui_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui"
)

// What is searched for by a link is what the link was made of, whatever is in it.
func TestLinksThatSearch(t *testing.T) {
	w := newWorld(t, ui.Options{})
	w.append("other-1", event("other", `{}`))
	for _, tag := range []string{"saga:order", "a b+c", "50%25", `&x=y#z"<b>`, "ö"} {
		at := w.append("order-1", cairn.Event{ID: cairn.NewID(), Type: "order.placed", Tags: []string{tag}})
		_, page := w.get(fmt.Sprintf("/ui/events/%d", at.Position))
		found := hrefs(page, "/ui/explore?tag=")
		if len(found) != 1 {
			t.Fatalf("%q: links %q", tag, found)
		}
		_, page = w.get(strings.ReplaceAll(found[0], "&#43;", "+"))
		if got := hrefs(page, "/ui/events/"); len(got) != 1 || got[0] != fmt.Sprintf("/ui/events/%d", at.Position) {
			t.Errorf("%q: %s finds %q", tag, found[0], got)
		}
		export := hrefs(page, "/ui/explore/export?")
		if len(export) != 1 {
			t.Fatalf("%q: exports %q", tag, export)
		}
		if _, lines := w.get(strings.ReplaceAll(export[0], "&#43;", "+")); strings.Count(lines, "\n") != 1 {
			t.Errorf("%q: %s has\n%s", tag, export[0], lines)
		}
	}
}
