package cairn

import (
	"fmt"
	"slices"
	"strings"
)

func (c *Condition) validate(path string) error {
	switch {
	case c.Stream == "" && c.Query == nil:
		return invalid(path+"stream", "a condition has a stream or a query")
	case c.Stream != "" && c.Query != nil:
		return invalid(path+"query", "a condition has a stream or a query, not both")
	case c.Query != nil:
		return c.Query.validate(path + "query")
	case c.Expected < Tombstoned || c.Expected == -3 || c.Expected == Any:
		return invalid(path+"expected", "%d is not a revision or a state that a stream can be in", int64(c.Expected))
	}
	return ValidateStream(path+"stream", c.Stream)
}

// Validate checks a query. One that no event can match is an error: it is a
// mistake in the caller's code.
func (q Query) Validate() error { return q.validate("query") }

func (q Query) validate(path string) error {
	if q == nil {
		return nil
	}
	if len(q) == 0 {
		return invalid(path, "a query without filters matches nothing; use nil to match everything")
	}
	if err := atMost(path, len(q), MaxFilters); err != nil {
		return err
	}
	criteria := 0
	for i := range q {
		if err := q[i].validate(fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
		criteria += len(q[i].Types) + len(q[i].Categories) + len(q[i].Streams) + len(q[i].Prefixes) + len(q[i].Tags)
	}
	return atMost("criteria of "+path, criteria, MaxCriteria)
}

func (f *Filter) validate(path string) error {
	lists := []struct {
		field string
		names []string
		limit int
	}{
		{".types", f.Types, MaxTypeName},
		{".categories", f.Categories, MaxStreamName},
		{".streams", f.Streams, MaxStreamName},
		{".prefixes", f.Prefixes, MaxStreamName},
		{".tags", f.Tags, MaxTag},
	}
	for _, l := range lists {
		if l.names != nil && len(l.names) == 0 {
			return invalid(path+l.field, "an empty list matches nothing; use nil for no criterion")
		}
		for i, s := range l.names {
			if err := name(fmt.Sprintf("%s%s[%d]", path, l.field, i), s, l.limit); err != nil {
				return err
			}
		}
	}
	if len(f.Tags) > MaxTags {
		return invalid(path+".tags", "no event carries %d tags; the limit is %d", len(f.Tags), MaxTags)
	}
	return f.satisfiable(path)
}

// satisfiable finds criteria on the stream's name that exclude each other.
func (f *Filter) satisfiable(path string) error {
	if i := slices.IndexFunc(f.Categories, func(c string) bool { return strings.Contains(c, "-") }); i >= 0 {
		return invalid(fmt.Sprintf("%s.categories[%d]", path, i), "%q holds a \"-\", which no category does", f.Categories[i])
	}
	fits := func(stream string, whole bool) bool {
		c, _, cut := strings.Cut(stream, "-")
		category := f.Categories == nil || slices.ContainsFunc(f.Categories, func(want string) bool {
			return want == c || !cut && !whole && strings.HasPrefix(want, c)
		})
		return category && (!whole || f.Prefixes == nil ||
			slices.ContainsFunc(f.Prefixes, func(p string) bool { return strings.HasPrefix(stream, p) }))
	}
	if f.Streams != nil && !slices.ContainsFunc(f.Streams, func(s string) bool { return fits(s, true) }) {
		return invalid(path+".streams", "none of the streams has a category and prefix asked for, so nothing can match")
	}
	if f.Prefixes != nil && !slices.ContainsFunc(f.Prefixes, func(p string) bool { return fits(p, false) }) {
		return invalid(path+".prefixes", "none of the prefixes fits a category asked for, so nothing can match")
	}
	return nil
}
