package kurrent

import (
	"github.com/cairndb/cairn"
)

// A proposed is an event as a client sends it.
type proposed struct {
	id             cairn.ID
	typ            string
	hasType        bool
	hasContentType bool
	json           bool // the content type says so
	metadata, data []byte
}

// The keys of what the protocol says about an event.
const (
	keyType        = "type"
	keyContentType = "content-type"
	keyCreated     = "created"

	contentJSON  = "application/json"
	contentBytes = "application/octet-stream"
)

// event makes of it what the store takes. Anything but JSON is bytes.
func (p *proposed) event() (cairn.Event, error) {
	switch {
	case !p.hasType || !p.hasContentType:
		return cairn.Event{}, missingMetadata()
	case p.typ == "" || p.id.IsZero():
		return cairn.Event{}, unhandled()
	case p.typ == cairn.TypeStreamDeleted:
		return cairn.Event{}, invalidArgument("an event of type %q cannot be appended; delete the stream instead", p.typ)
	}
	e := cairn.Event{ID: p.id, Type: p.typ, Data: p.data, Metadata: p.metadata, Format: cairn.Binary}
	if p.json {
		e.Format = cairn.JSON
	}
	return e, nil
}

// size is what limits count: data, metadata and, twice, the characters of the
// type.
func size(e *cairn.Event) int {
	return len(e.Data) + len(e.Metadata) + 2*characters(e.Type)
}

// characters are counted as KurrentDB counts them, in UTF-16.
func characters(s string) (n int) {
	for _, r := range s {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

// A collection gathers the events of one append and keeps them within limits.
type collection struct {
	events []cairn.Event
	size   int
}

// add takes an event, or says which limit it is over.
func (c *collection) add(e cairn.Event, o *Options) error {
	n := size(&e)
	if n > o.MaxAppendEventSize {
		return maximumAppendEventSizeExceeded(e.ID.String(), n, o.MaxAppendEventSize)
	}
	if c.size += n; c.size > o.MaxAppendSize {
		return maximumAppendSizeExceeded(o.MaxAppendSize)
	}
	if len(c.events) == cairn.MaxBatchEvents {
		return invalidArgument("an append has at most %d events", cairn.MaxBatchEvents)
	}
	c.events = append(c.events, e)
	return nil
}
