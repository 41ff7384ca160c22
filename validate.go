package cairn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Validate checks a batch against the limits and rules that every engine
// keeps. The error is an [*InvalidError].
func (b *Batch) Validate() error {
	if err := atMost("writes", len(b.Writes), MaxBatchWrites); err != nil {
		return err
	}
	if err := atMost("conditions", len(b.Conditions), MaxConditions); err != nil {
		return err
	}
	if err := text("key", b.Key, MaxKey); err != nil {
		return err
	}
	events, size := 0, 0
	for i := range b.Writes {
		n, err := b.Writes[i].validate()
		if e, ok := errors.AsType[*InvalidError](err); ok {
			e.Field = within("writes", i, len(b.Writes)) + e.Field
			return e
		}
		events, size = events+len(b.Writes[i].Events), size+n
	}
	if err := b.validateDeletions(); err != nil {
		return err
	}
	for i := range b.Conditions {
		if err := b.Conditions[i].validate(fmt.Sprintf("conditions[%d].", i)); err != nil {
			return err
		}
	}
	if err := atMost("events", events, MaxBatchEvents); err != nil {
		return err
	}
	return atMost("batch size in bytes", size, MaxBatchSize)
}

// validateDeletions checks that a write which deletes a stream has it to itself.
func (b *Batch) validateDeletions() error {
	deletes := func(w Write) bool { return w.Delete != Keep }
	if len(b.Writes) < 2 || !slices.ContainsFunc(b.Writes, deletes) {
		return nil
	}
	first := make(map[string]int, len(b.Writes))
	for i, w := range b.Writes {
		if j, ok := first[w.Stream]; ok && (deletes(w) || deletes(b.Writes[j])) {
			return invalid(fmt.Sprintf("writes[%d].stream", i), "writes[%d] is about stream %.40q too; what deletes a stream has it to itself", j, w.Stream)
		}
		first[w.Stream] = i
	}
	return nil
}

// within is the path to write i; the only write of an append needs none.
func within(list string, i, n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf("%s[%d].", list, i)
}

func (w *Write) validate() (size int, err error) {
	if err := ValidateStream("stream", w.Stream); err != nil {
		return 0, err
	}
	if err := w.validateDeletion(); err != nil {
		return 0, err
	}
	if w.Expected < StreamExists || w.Expected == -3 {
		return 0, invalid("expected", "%d is below the first revision and none of no stream (-1), any (-2) and stream exists (-4)", int64(w.Expected))
	}
	for i := range w.Events {
		n, err := w.Events[i].validate()
		if e, ok := errors.AsType[*InvalidError](err); ok {
			e.Field = fmt.Sprintf("events[%d].%s", i, e.Field)
			return 0, e
		}
		size += n + len(w.Stream)
	}
	return size, nil
}

func (w *Write) validateDeletion() error {
	switch _, meta := DescribedStream(w.Stream); {
	case w.Delete == Keep:
		return nil
	case w.Delete >= deletions:
		return invalid("delete", "there is no deletion %d", w.Delete)
	case meta:
		return invalid("delete", "%q is a metadata stream, which is deleted with its stream", w.Stream)
	case len(w.Events) > 0:
		return invalid("events", "a write that deletes its stream has no events")
	}
	return nil
}

// validate returns the event's size. Its error's Field is relative to the event.
func (e *Event) validate() (int, error) {
	size := len(e.Data) + len(e.Metadata)
	for _, tag := range e.Tags {
		if err := name("tags", tag, MaxTag); err != nil {
			return 0, err
		}
		size += len(tag)
	}
	if err := name("type", e.Type, MaxTypeName); err != nil {
		return 0, err
	}
	if len(e.Tags) > MaxTags {
		return 0, tooMany("tags", len(e.Tags), MaxTags)
	}
	if size > MaxEventSize {
		return 0, tooMany("size in bytes", size, MaxEventSize)
	}
	if e.Format >= formats {
		return 0, invalid("format", "there is no format %d", e.Format)
	}
	if y := e.Time.Year(); !e.Time.IsZero() && (y < 1678 || y > 2261) {
		return 0, invalid("time", "%v is outside the years 1678 to 2261", e.Time)
	}
	return size + len(e.Type), nil
}

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

// Validate checks the options. The error is an [*InvalidError].
func (o *ReadOptions) Validate() error {
	switch {
	case o.From < 0:
		return invalid("from", "revision %d is below 0", int64(o.From))
	case o.Before < 0:
		return invalid("before", "revision %d is below 0", int64(o.Before))
	case o.Limit < 0:
		return invalid("limit", "%d is below 0", o.Limit)
	case o.Follow && o.Backward:
		return invalid("follow", "a backward read cannot follow")
	}
	return nil
}

// Validate checks the options. The error is an [*InvalidError].
func (o *AllOptions) Validate() error {
	switch {
	case o.Limit < 0:
		return invalid("limit", "%d is below 0", o.Limit)
	case o.Follow && o.Backward:
		return invalid("follow", "a backward read cannot follow")
	}
	return o.Query.Validate()
}

// ValidateStream checks the name of a stream; field is what an error calls it.
func ValidateStream(field, stream string) error {
	if err := name(field, stream, MaxStreamName); err != nil {
		return err
	}
	if stream == metaPrefix || strings.HasPrefix(stream, metaPrefix+metaPrefix) {
		return invalid(field, "%q is not the metadata stream of anything", stream)
	}
	if stream == "$all" {
		return invalid(field, "\"$all\" names the log, not a stream of it")
	}
	return nil
}

func name(field, s string, limit int) error {
	if s == "" {
		return invalid(field, "must not be empty")
	}
	return text(field, s, limit)
}

func text(field, s string, limit int) error {
	switch {
	case len(s) > limit:
		return &InvalidError{Field: field, Limit: int64(limit), Problem: fmt.Sprintf("%d bytes long; the limit is %d", len(s), limit)}
	case !utf8.ValidString(s):
		return invalid(field, "%.40q is not valid UTF-8", s)
	}
	return nil
}

func atMost(field string, n, limit int) error {
	if n > limit {
		return tooMany(field, n, limit)
	}
	return nil
}

func tooMany(field string, n, limit int) *InvalidError {
	return &InvalidError{Field: field, Limit: int64(limit), Problem: fmt.Sprintf("%d; the limit is %d", n, limit)}
}

func invalid(field, format string, args ...any) *InvalidError {
	return &InvalidError{Field: field, Problem: fmt.Sprintf(format, args...)}
}
