package codec

import "github.com/cairndb/cairn"

// A Codec turns the events of an application into stored events and back. E is
// usually an interface that all of them implement. Its methods may be called
// concurrently.
type Codec[E any] interface {
	// Encode returns the event to append: its Type, Data, Format and Tags. The
	// error is an [*EncodeError].
	Encode(E) (cairn.Event, error)

	// Decode returns the event that was stored, in its newest form. The error
	// is a [*DecodeError]. The result shares no memory with the argument.
	Decode(cairn.Recorded) (E, error)

	// Names returns the stored names of all events that Decode understands,
	// those of old forms included, sorted. It is what a filter by type has to
	// select.
	Names() []string
}

// Types names the concrete types of E. The values only show their types; zero
// values and nil pointers will do. A type is given once, as a value or as a
// pointer, and events must then be just that.
type Types[E any] map[string]E

// A Tagged event says by which labels conditions and filters shall find it. Both
// codecs of this package store them with the event.
type Tagged interface {
	Tags() []string
}
