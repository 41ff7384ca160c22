package cairn

import (
	"errors"
	"fmt"
	"slices"
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
