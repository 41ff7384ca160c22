package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui"
)

// TestExploreUntil goes to a moment long ago without looking at what came after it.
func TestExploreUntil(t *testing.T) {
	w := newWorld(t, ui.Options{})
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	var all []cairn.Event
	for i := range 12_000 {
		e := event("ticked", fmt.Sprintf(`{"n":%d}`, i))
		e.Time = start.Add(time.Duration(i) * time.Minute)
		all = append(all, e)
	}
	w.append("clock-1", all...)
	for query, want := range map[string][]string{
		"until=2020-01-01T00:04:00":                               {"5", "4", "3", "2", "1"},
		"until=2020-01-01T00:04:59&since=2020-01-01T00:03:00":     {"5", "4"},
		"until=2020-01-01T00:04:00&before=3":                      {"2", "1"},
		"until=2020-01-01T00:04:00&before=9000&type=ticked":       {"5", "4", "3", "2", "1"},
		"until=2019-12-31T23:59":                                  nil,
		"until=2030-01-01&before=3":                               {"2", "1"},
		"until=2020-01-01T00:04:00&type=other":                    nil,
		"until=2020-01-01T00:04:00&field=n&value=3":               {"4"},
		"until=2020-01-01T00:02:00&field=n&value=3":               nil,
		"since=2020-01-09T07:58:00&until=2020-01-10":              {"12000", "11999"},
		"until=2020-01-09T07:59:00&since=2020-01-09T07:59:00":     {"12000"},
		"until=2020-01-01T00:00:00&category=clock&system=on":      {"1"},
		"until=2020-01-01T00:04:00&since=2020-01-01T00:05:00":     nil,
		"until=2020-01-01T00:00:30&since=2020-01-01T00:00:00.001": nil,
	} {
		_, page := w.get("/ui/explore?" + query)
		var got []string
		for _, href := range hrefs(page, "/ui/events/") {
			got = append(got, strings.TrimPrefix(href, "/ui/events/"))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || strings.Contains(page, "were looked at") {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}
