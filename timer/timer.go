package timer

import (
	"time"

	"github.com/cairndb/cairn"
)

// The limits of timers, beside those of the store. A value over its limit is
// refused with a [*cairn.InvalidError].
const (
	MaxKey      = 512     // bytes of a key
	MaxCategory = 128     // bytes of a category
	MaxEvent    = 8 << 20 // bytes of Data and Metadata of the event that is fired
)

// The types of the events of a timer's stream.
const (
	TypeSet       = "timer.set"
	TypeCancelled = "timer.cancelled"
	TypeFailed    = "timer.failed"
)

// The times for which a timer can be set: those that are nanoseconds since 1970 in
// 64 bits.
var (
	earliest = time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)
)

// A Fire is what a timer does when its time has come: it appends an event to a
// stream, wherever that stands.
//
// The event's Time is that of the append and must be left zero here. An event
// without an ID gets one when the timer is set, and keeps it; one with the ID of an
// event that the stream has already fails.
type Fire struct {
	Stream string
	Event  cairn.Event
}

// A Category is the category of the streams of timers, without "-". Timers of
// different categories have nothing to do with each other, and each category has
// runners of its own. The zero Category is "timer".
type Category string

// Set sets the timer of a key, whether or not one is set already: then it is the
// new one that counts, and the old one does not fire. Nothing happens before the
// write is committed, in a batch with whatever else is to be stored with it.
//
// A time in the past is right: the timer then fires at once. It is refused with a
// [*cairn.InvalidError] if it is zero, or before 1678 or after 2261; so are a key
// that is empty or too long, and an event that could not be stored.
func Set(key string, due time.Time, f Fire) (cairn.Write, error) {
	return Category("").Set(key, due, f)
}

// Cancel cancels the timer of a key when the write is committed, if it has not
// fired by then. To cancel one that was never set does nothing.
func Cancel(key string) (cairn.Write, error) { return Category("").Cancel(key) }

// Set is [Set] for a timer of the category.
func (c Category) Set(key string, due time.Time, f Fire) (w cairn.Write, err error) {
	if w, err = c.write(key); err != nil {
		return w, err
	}
	if err := validateDue(due); err != nil {
		return cairn.Write{}, err
	}
	if f.Event.ID.IsZero() {
		f.Event.ID = cairn.NewID()
	}
	if err := f.validate(w.Stream); err != nil {
		return cairn.Write{}, err
	}
	data, err := encodeSet(due, f)
	if err != nil {
		return cairn.Write{}, err
	}
	w.Events = []cairn.Event{{ID: cairn.NewID(), Type: TypeSet, Data: data, Tags: []string{c.tag(minute(due))}}}
	return w, nil
}

// Cancel is [Cancel] for a timer of the category.
func (c Category) Cancel(key string) (w cairn.Write, err error) {
	if w, err = c.write(key); err != nil {
		return w, err
	}
	w.Events = []cairn.Event{{ID: cairn.NewID(), Type: TypeCancelled}}
	return w, nil
}

func (c Category) write(key string) (w cairn.Write, err error) {
	if err := c.validate(); err != nil {
		return w, err
	}
	if err := validateKey(key); err != nil {
		return w, err
	}
	return cairn.Write{Stream: c.stream(key), Expected: cairn.Any}, nil
}
