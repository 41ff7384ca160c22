package timer

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

func (c Category) name() string { return cmp.Or(string(c), "timer") }

// stream is the stream of the timer of a key.
func (c Category) stream(key string) string { return c.name() + "-" + key }

// key is the inverse of stream.
func (c Category) key(stream string) (string, bool) { return strings.CutPrefix(stream, c.name()+"-") }

// progress is the stream in which runners write down how far they have come.
func (c Category) progress() string { return "timerprogress-" + c.name() }

// tag marks what is due in a minute.
func (c Category) tag(minute int64) string {
	return "timer-due:" + c.name() + ":" + strconv.FormatInt(minute, 10)
}

// minute is the minute of a time, counting from 1970. It is part of the format.
func minute(t time.Time) int64 { return floor(t.UnixNano(), int64(time.Minute)) }

func floor(a, b int64) int64 {
	if a%b < 0 {
		return a/b - 1
	}
	return a / b
}

func (c Category) validate() error {
	switch n := c.name(); {
	case len(n) > MaxCategory:
		return &cairn.InvalidError{Field: "category", Problem: "is longer than 128 bytes", Limit: MaxCategory}
	case strings.Contains(n, "-"):
		return &cairn.InvalidError{Field: "category", Problem: `must not contain "-"`}
	case strings.HasPrefix(n, "$"):
		return &cairn.InvalidError{Field: "category", Problem: `must not begin with "$", as system streams do`}
	}
	return cairn.ValidateStream("category", c.progress())
}

func validateKey(key string) error {
	switch {
	case key == "":
		return &cairn.InvalidError{Field: "key", Problem: "must not be empty"}
	case len(key) > MaxKey:
		return &cairn.InvalidError{Field: "key", Problem: "is longer than 512 bytes", Limit: MaxKey}
	}
	return cairn.ValidateStream("key", key)
}

func validateDue(due time.Time) error {
	switch {
	case due.IsZero():
		return &cairn.InvalidError{Field: "due", Problem: "must not be zero"}
	case due.Before(earliest) || !due.Before(latest):
		return &cairn.InvalidError{Field: "due", Problem: "must be between the years 1678 and 2261"}
	}
	return nil
}

// validate checks what the store would refuse when the timer fires: then nobody
// would be there any more who could do something about it.
func (f *Fire) validate(own string) error {
	switch {
	case f.Stream == own:
		return &cairn.InvalidError{Field: "fire.stream", Problem: "must not be the timer's own"}
	case !f.Event.Time.IsZero():
		return &cairn.InvalidError{Field: "fire.event.time", Problem: "must be zero: it is the time at which the timer fires"}
	case len(f.Event.Data)+len(f.Event.Metadata) > MaxEvent:
		return &cairn.InvalidError{Field: "fire.event", Problem: "has more than 8 MiB of data and metadata", Limit: MaxEvent}
	}
	if err := cairn.ValidateStream("fire.stream", f.Stream); err != nil {
		return err
	}
	b := cairn.Batch{Writes: []cairn.Write{{Stream: f.Stream, Expected: cairn.Any, Events: []cairn.Event{f.Event}}}}
	err := b.Validate()
	if e, ok := errors.AsType[*cairn.InvalidError](err); ok {
		e.Field = "fire.event" + strings.TrimPrefix(e.Field, "events[0]")
	}
	return err
}
