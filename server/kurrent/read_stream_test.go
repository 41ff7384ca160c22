package kurrent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cairndb/cairn/server/kurrent"
)

// run is stream/a to stream/b, in either direction.
func run(stream string, a, b int) string {
	step := 1
	if b < a {
		step = -1
	}
	var lines []string
	for i := a; i != b+step; i += step {
		lines = append(lines, fmt.Sprintf("%s/%d", stream, i))
	}
	return strings.Join(lines, ", ")
}

func TestReadStream(t *testing.T) {
	const gone = "FailedPrecondition stream-deleted s"
	five := func(w *wire) { w.putMany("s", 5) }
	for name, c := range map[string]struct {
		given func(*wire)
		ask   []ask
		want  string
	}{
		"all":                         {five, nil, run("s", 0, 4)},
		"all, detailed":               {five, []ask{detailed}, run("s", 0, 4) + ", last 4"},
		"from a revision":             {five, []ask{fromRevision(3)}, run("s", 3, 4)},
		"cut by count":                {five, []ask{counting(2), detailed}, run("s", 0, 1) + ", last 4"},
		"past the end":                {five, []ask{fromRevision(9)}, ""},
		"past the end, detailed":      {five, []ask{fromRevision(9), detailed}, "first 5, last 4"},
		"just past the end, detailed": {five, []ask{fromRevision(5), detailed}, "last 4"},
		"from the end":                {five, []ask{fromEnd}, ""},
		"beyond numbers":              {five, []ask{fromRevision(1<<64 - 2)}, ""},
		"backward from the end":       {five, []ask{backwards, fromEnd, detailed}, run("s", 4, 0) + ", last 4"},
		"backward from a revision":    {five, []ask{backwards, fromRevision(3), counting(2)}, run("s", 3, 2)},
		"backward from beyond":        {five, []ask{backwards, fromRevision(99)}, run("s", 4, 0)},
		"backward from the start":     {five, []ask{backwards}, "s/0"},
		"missing":                     {func(*wire) {}, []ask{detailed}, "not found s"},
		"missing, backward":           {func(*wire) {}, []ask{backwards, fromEnd}, "not found s"},
		"only metadata":               {func(w *wire) { w.make("described") }, []ask{detailed}, "not found s"},
		"soft-deleted":                {func(w *wire) { w.make("deleted") }, []ask{detailed}, "not found s"},
		"tombstoned":                  {func(w *wire) { w.make("tombstoned") }, nil, gone},
		"tombstoned, backward":        {func(w *wire) { w.make("tombstoned") }, []ask{backwards, fromEnd}, gone},
		"recreated": {func(w *wire) { w.make("deleted"); w.putMany("s", 2) },
			[]ask{detailed}, run("s", 3, 4) + ", last 4"},
		"described after a deletion": {func(w *wire) { w.make("deleted"); w.describe("s", `{"x":2}`) }, nil, ""},
		"truncated by a page": {func(w *wire) { w.putMany("s", 64); w.describe("s", `{"$tb":32}`) },
			[]ask{detailed}, "first 32, " + run("s", 32, 63) + ", last 63"},
		"truncated by less than a page": {func(w *wire) { w.putMany("s", 64); w.describe("s", `{"$tb":31}`) },
			[]ask{detailed}, run("s", 31, 63) + ", last 63"},
		"truncated by more than the count": {func(w *wire) { w.putMany("s", 64); w.describe("s", `{"$tb":4}`) },
			[]ask{detailed, counting(4)}, "first 4, " + run("s", 4, 7) + ", last 63"},
		"truncated, not detailed": {func(w *wire) { w.putMany("s", 64); w.describe("s", `{"$tb":60}`) }, nil, run("s", 60, 63)},
		"truncated, backward": {func(w *wire) { w.putMany("s", 64); w.describe("s", `{"$tb":60}`) },
			[]ask{backwards, fromEnd, detailed}, run("s", 63, 60) + ", last 63"},
		"all hidden by age": {func(w *wire) { w.oldEvents("s", 3); w.describe("s", `{"$maxAge":1}`) },
			[]ask{detailed}, "first 3, last 2"},
		"max count":           {func(w *wire) { five(w); w.describe("s", `{"$maxCount":3}`) }, nil, run("s", 2, 4)},
		"max count, backward": {func(w *wire) { five(w); w.describe("s", `{"$maxCount":3}`) }, []ask{backwards, fromEnd}, run("s", 4, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{})
			c.given(w)
			equal(t, "read", w.read(append([]ask{ofStream("s")}, c.ask...)...), c.want)
		})
	}
}

func TestReadMetadataStream(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	last := []ask{ofStream("$$s"), backwards, fromEnd, counting(1)}
	equal(t, "never set", w.read(last...), "not found $$s")
	w.describe("s", `{"a":1}`)
	w.describe("s", `{"a":2}`)
	equal(t, "set twice", w.read(last...), "$$s/1")
	equal(t, "forward", w.read(ofStream("$$s")), "$$s/1")
	w.tombstone("s")
	equal(t, "tombstoned", w.read(last...), "FailedPrecondition stream-deleted $$s")
}

// TestReadCombinations: what does not go together is an invalid argument, what is
// missing an exception of the server.
func TestReadCombinations(t *testing.T) {
	filter := filtered("stream", "prefix", 32, 1, "s")
	for name, c := range map[string]struct {
		ask  []ask
		want string
	}{
		"no stream":                    {[]ask{func(o *options) { o.StreamOption = nil }}, "InvalidArgument"},
		"no filter option":             {[]ask{ofAll, func(o *options) { o.FilterOption = nil }}, "InvalidArgument"},
		"no count":                     {[]ask{ofAll, func(o *options) { o.CountOption = nil }}, "InvalidArgument"},
		"no UUID option":               {[]ask{ofAll, func(o *options) { o.UuidOption = nil }}, "InvalidArgument"},
		"an empty UUID option":         {[]ask{ofAll, func(o *options) { o.UuidOption.Content = nil }}, "InvalidArgument"},
		"a filtered stream":            {[]ask{ofStream("s"), filter}, "InvalidArgument"},
		"a backward subscription":      {[]ask{ofStream("s"), following, backwards}, "InvalidArgument"},
		"another direction":            {[]ask{ofAll, func(o *options) { o.ReadDirection = 7 }}, "InvalidArgument"},
		"no revision":                  {[]ask{ofStream("s"), func(o *options) { o.GetStream().RevisionOption = nil }}, "Unknown"},
		"no position":                  {[]ask{ofAll, func(o *options) { o.GetAll().AllOption = nil }}, "Unknown"},
		"none counted":                 {[]ask{ofAll, counting(0)}, "Unknown"},
		"no stream identifier":         {[]ask{ofStream("s"), func(o *options) { o.GetStream().StreamIdentifier = nil }}, "InvalidArgument"},
		"an empty name":                {[]ask{ofStream("")}, "InvalidArgument"},
		"the metadata of nothing":      {[]ask{ofStream("$$")}, "InvalidArgument"},
		"prepared after the commit":    {[]ask{ofAll, fromPosition(1, 2)}, "InvalidArgument"},
		"a filter by nothing":          {[]ask{ofAll, filter, func(o *options) { o.GetFilter().Filter = nil }}, "InvalidArgument"},
		"a subscription without steps": {[]ask{ofAll, following, filtered("stream", "prefix", 32, 0, "s")}, "InvalidArgument"},
		"a broken expression":          {[]ask{ofAll, filtered("stream", "regex", 32, 1, "(")}, "InvalidArgument"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{})
			equal(t, "read", w.read(c.ask...), c.want)
		})
	}
}
