package cairn

import (
	"slices"
	"strings"
)

// A Query selects events: those that match any of its filters. The nil Query
// selects every event.
//
//	cairn.Query{{Types: []string{"order.paid"}}, {Tags: []string{"course:c1"}}}
type Query []Filter

// A Filter selects events that meet every criterion given; a nil list is no
// criterion. The lists mean "any of these", but for Tags, which means "all of
// these".
type Filter struct {
	Types      []string // the event's type is one of these
	Categories []string // the stream's category is one of these: see [Category]
	Streams    []string // the stream is one of these
	Prefixes   []string // the stream's name begins with one of these
	Tags       []string // the event carries all of these, or implies them: see [CorrelationTag]

	// First selects the first event of each stream: the one of revision 0. The
	// event that closes a stream is none, also where nothing was ever written.
	First bool
}

// ByType selects events of any of the types. Without types it selects nothing,
// which [Query.Validate] refuses.
func ByType(types ...string) Query { return Query{{Types: given(types)}} }

// ByCategory selects events of streams of any of the categories. Without
// categories it selects nothing, which [Query.Validate] refuses.
func ByCategory(categories ...string) Query { return Query{{Categories: given(categories)}} }

// ByTag selects events that carry or imply all of the tags. Without tags it is a mistake
// that [Query.Validate] refuses: an empty list of tags must not turn a condition
// on a few events into one on the whole log.
func ByTag(tags ...string) Query { return Query{{Tags: given(tags)}} }

// given makes sure that a list is not taken for no criterion.
func given(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// Category is the part of a stream's name before the first "-": "order" for
// "order-1". A name without one is its own category.
func Category(stream string) string {
	category, _, _ := strings.Cut(stream, "-")
	return category
}

// Match reports whether the query selects the event.
func (q Query) Match(e *Recorded) bool {
	if q == nil {
		return true
	}
	for i := range q {
		if q[i].match(e) {
			return true
		}
	}
	return false
}

func (f *Filter) match(e *Recorded) bool {
	return (!f.First || e.Revision == 0) &&
		anyOf(f.Types, e.Type) &&
		anyOf(f.Streams, e.Stream) &&
		(f.Categories == nil || slices.Contains(f.Categories, Category(e.Stream))) &&
		(f.Prefixes == nil || slices.ContainsFunc(f.Prefixes, func(p string) bool { return strings.HasPrefix(e.Stream, p) })) &&
		!slices.ContainsFunc(f.Tags, func(tag string) bool { return !e.tagged(tag) })
}

// tagged reports whether the event carries a tag, or implies it.
func (e *Event) tagged(tag string) bool {
	return slices.Contains(e.Tags, tag) ||
		strings.HasPrefix(tag, correlationPrefix) && ImpliedTag(e.Metadata) == tag
}

func anyOf(list []string, s string) bool { return list == nil || slices.Contains(list, s) }
