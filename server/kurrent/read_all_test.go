package kurrent_test

import (
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/kurrent"
)

func TestReadAll(t *testing.T) {
	given := func(w *wire) { // positions 1 to 6
		w.put("a-1", "ax", "ay")
		w.put("b-1", "bx")
		w.describe("a-1", `{}`)
		w.put("$c", "$x")
		w.put("a-2", "x\ny")
	}
	const everything = "a-1/0, a-1/1, b-1/0, $$a-1/0, $c/0, a-2/0"
	backward := func(s string) string {
		parts := strings.Split(s, ", ")
		for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
			parts[i], parts[j] = parts[j], parts[i]
		}
		return strings.Join(parts, ", ")
	}
	const end = 1<<64 - 1
	by := func(by, how string, what ...string) ask { return filtered(by, how, 32, 1, what...) }
	for name, c := range map[string]struct {
		ask  []ask
		want string
	}{
		"everything":                       {nil, everything},
		"counted":                          {[]ask{counting(2), detailed}, "a-1/0, a-1/1"},
		"from a position":                  {[]ask{fromPosition(5, 5)}, "$c/0, a-2/0"},
		"from before a position":           {[]ask{fromPosition(5, 4)}, "$c/0, a-2/0"},
		"from the head":                    {[]ask{fromPosition(6, 6)}, "a-2/0"},
		"from beyond the head":             {[]ask{fromPosition(7, 7)}, ""},
		"from far beyond":                  {[]ask{fromPosition(1<<63, 1<<63)}, ""},
		"from zero":                        {[]ask{fromPosition(0, 0), counting(1)}, "a-1/0"},
		"from the end":                     {[]ask{fromEnd}, ""},
		"from the end as a position":       {[]ask{fromPosition(end, end)}, ""},
		"backward":                         {[]ask{backwards, fromEnd}, backward(everything)},
		"backward from the end's position": {[]ask{backwards, fromPosition(end, end)}, backward(everything)},
		"backward, counted":                {[]ask{backwards, fromEnd, counting(1)}, "a-2/0"},
		"backward from a position":         {[]ask{backwards, fromPosition(3, 3)}, "a-1/1, a-1/0"},
		"backward from the start":          {[]ask{backwards}, ""},
		"backward from the first":          {[]ask{backwards, fromPosition(1, 1)}, ""},
		"backward from beyond":             {[]ask{backwards, fromPosition(99, 99), counting(1)}, "a-2/0"},
		"by stream prefix":                 {[]ask{by("stream", "prefix", "a-")}, "a-1/0, a-1/1, a-2/0"},
		"by stream prefixes":               {[]ask{by("stream", "prefix", "b", "$c")}, "b-1/0, $c/0"},
		"not in the middle of a name":      {[]ask{by("stream", "prefix", "-1")}, ""},
		"by an empty prefix":               {[]ask{by("stream", "prefix", ""), counting(1)}, "a-1/0"},
		"by no prefix":                     {[]ask{by("stream", "prefix")}, ""},
		"by type prefix":                   {[]ask{by("type", "prefix", "a")}, "a-1/0, a-1/1"},
		"by type prefixes":                 {[]ask{by("type", "prefix", "ay", "$")}, "a-1/1, $$a-1/0, $c/0"},
		"by stream expression":             {[]ask{by("stream", "regex", `^[^\$].*`)}, "a-1/0, a-1/1, b-1/0, a-2/0"},
		"by type expression":               {[]ask{by("type", "regex", `[b-z]$`)}, "a-1/0, a-1/1, b-1/0, $c/0, a-2/0"},
		"by looking ahead":                 {[]ask{by("type", "regex", `^(?!(\$.+$|bx$))`)}, "a-1/0, a-1/1, a-2/0"},
		"the end of a line":                {[]ask{by("type", "regex", `x$`), backwards, fromEnd}, "$c/0, b-1/0, a-1/0"},
		"by prefix, counted":               {[]ask{by("stream", "prefix", "a-"), counting(2)}, "a-1/0, a-1/1"},
		"by prefix, backward":              {[]ask{by("stream", "prefix", "a-"), backwards, fromEnd, counting(2)}, "a-2/0, a-1/1"},
		"by prefix, from a position":       {[]ask{by("stream", "prefix", "a-"), fromPosition(2, 2)}, "a-1/1, a-2/0"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{})
			given(w)
			equal(t, "read", w.read(append([]ask{ofAll}, c.ask...)...), c.want)
		})
	}
}

// TestReadAllShows: the log shows what streams hide, but not the progress of the
// persistent subscriptions to it.
func TestReadAllShows(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.put("s", "x")
	w.tombstone("s")
	w.put("$persistentsubscription-$all::g-checkpoint", "$SubscriptionCheckpoint")
	w.put("$persistentsubscription-$all::g-parked", "$>")
	w.put("$persistentsubscription-s::g-parked", "$>")
	equal(t, "read", w.read(ofAll), "s/0, s/9223372036854775807, $persistentsubscription-s::g-parked/0")
	equal(t, "counted", w.read(ofAll, fromPosition(3, 3), counting(1)), "$persistentsubscription-s::g-parked/0")
	equal(t, "filtered", w.read(ofAll, filtered("stream", "prefix", 32, 1, "$pers")), "$persistentsubscription-s::g-parked/0")
}

func TestResolveLinks(t *testing.T) {
	for name, c := range map[string]struct {
		given func(*wire)
		link  string
		want  string
	}{
		"to an event":           {func(w *wire) { w.putMany("s", 2) }, "1@s", "l/0>s/1"},
		"to a name with @":      {func(w *wire) { w.putMany("s@t", 2) }, "1@s@t", "l/0>s@t/1"},
		"to what is missing":    {func(*wire) {}, "1@s", "l/0>"},
		"past the end":          {func(w *wire) { w.putMany("s", 2) }, "2@s", "l/0>"},
		"to what was truncated": {func(w *wire) { w.putMany("s", 2); w.describe("s", `{"$tb":1}`) }, "0@s", "l/0>"},
		"to what is too many":   {func(w *wire) { w.putMany("s", 2); w.describe("s", `{"$maxCount":1}`) }, "0@s", "l/0>"},
		"to what is too old":    {func(w *wire) { w.oldEvents("s", 1); w.describe("s", `{"$maxAge":1}`) }, "0@s", "l/0>"},
		"to what was deleted":   {func(w *wire) { w.make("deleted") }, "0@s", "l/0>"},
		"to what was closed":    {func(w *wire) { w.make("tombstoned") }, "0@s", "l/0>"},
		"to the end itself":     {func(w *wire) { w.make("tombstoned") }, "9223372036854775807@s", "l/0>"},
		"to metadata":           {func(w *wire) { w.make("described") }, "0@$$s", "l/0>$$s/0"},
		"to itself":             {func(*wire) {}, "0@l", "l/0>l/0"},
		"to a link":             {func(w *wire) { w.putMany("s", 1); w.putLink("m", "0@s") }, "0@m", "l/0>m/0"},
		"to a category":         {func(w *wire) { w.putMany("s-1", 2) }, "1@$ce-s", "l/0>$ce-s/1"},
		"to the log":            {func(*wire) {}, "0@$all", "l/0>"},
		"without a number":      {func(*wire) {}, "x@s", "l/0"},
		"without a stream":      {func(*wire) {}, "1@", "l/0"},
		"without a link":        {func(*wire) {}, "1", "l/0"},
		"below the first":       {func(*wire) {}, "-1@s", "l/0"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{})
			c.given(w)
			w.putLink("l", c.link)
			equal(t, "resolved", w.read(ofStream("l"), resolving), c.want)
			equal(t, "backward", w.read(ofStream("l"), resolving, backwards, fromEnd), c.want)
			equal(t, "in the log", w.read(ofAll, resolving, backwards, fromEnd, counting(1)), c.want)
			equal(t, "not resolved", w.read(ofStream("l")), "l/0")
		})
	}
}
