package causation_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

// FuzzMetadata writes two events with any metadata next to two that are linked
// as they ought to be. Whichever is asked about, it is in a sound graph.
func FuzzMetadata(f *testing.F) {
	for _, seed := range [][2]string{
		{``, `{}`},
		{string(metadata(correlation, "")), string(metadata(correlation, id("c").String()))},
		{string(metadata(correlation, id("d").String())), string(metadata(correlation, id("c").String()))},
		{string(metadata("", id("d").String())), string(metadata(id("c").String(), id("c").String()))},
		{string(metadata(correlation, strings.Repeat("é", 70))), `{"$correlationId":"request 1","$causationId":{}}`},
		{`{"$correlationId":["request 1"]}`, "{\"$correlationId\":\"request 1\xff\"}"},
		{`{"$correlationId":"request 1","$correlationId":"request 2"}`, `{"$correlationId":"request \u0031"}`},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, c, d []byte) {
		store := newStore(t)
		last := commit(t, store, append(script("a b<a"),
			write("s-c", cairn.Event{ID: id("c"), Type: "c", Metadata: c}),
			write("s-d", cairn.Event{ID: id("d"), Type: "d", Metadata: d}))...)
		for _, at := range positions(1, last) {
			g := graphAt(t, store, at)
			var found []cairn.Position
			for _, p := range positions(1, last) {
				if i := g.Find(p); i >= 0 {
					found = append(found, p)
					if cause := g.Nodes[i].Cause; len(cause) > 128 || !utf8.ValidString(cause) {
						t.Errorf("kept %q", cause)
					}
				}
			}
			if check(t, g, found); g.Find(at) < 0 || g.Correlation == "" || g.Cut {
				t.Errorf("asked about %d: got %s of %q, cut %v", at, picture(g), g.Correlation, g.Cut)
			}
		}
	})
}
