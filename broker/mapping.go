package broker

import (
	"errors"
	"runtime/debug"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
)

// A Mapping says what others are told of a domain event: nothing, or drafts of
// integration events, in order. It is the line between the model of a service,
// which changes as it likes, and its contract, which does not.
//
// [ErrUnmapped] is the error of a domain event that the mapping does not know:
// a relay skips it, and counts it. It is called again when a message is tried
// again, so it must depend on the event only: the ID of an integration event is
// that of the domain event and its place among the drafts.
type Mapping func(e cairn.Recorded) ([]Draft, error)

// ByType is a mapping with a mapping for each type of domain event. Any other
// type is [ErrUnmapped].
func ByType(all map[string]Mapping) Mapping {
	return func(e cairn.Recorded) ([]Draft, error) {
		f := all[e.Type]
		if f == nil {
			return nil, ErrUnmapped
		}
		return f(e)
	}
}

// Typed is a mapping of decoded events. A type that the codec does not know is
// [ErrUnmapped]; an event that it cannot decode is an error, and a relay parks
// it.
//
//	broker.Typed(order.Events, func(e order.Event, r cairn.Recorded) ([]broker.Draft, error) {
//		switch e := e.(type) {
//		case order.Placed:
//			return []broker.Draft{OrderPlaced.Draft(PlacedV1{Total: e.Total})}, nil
//		}
//		return nil, broker.ErrUnmapped
//	})
func Typed[E any](c codec.Codec[E], f func(e E, r cairn.Recorded) ([]Draft, error)) Mapping {
	return func(r cairn.Recorded) ([]Draft, error) {
		e, err := c.Decode(r)
		switch {
		case errors.Is(err, codec.ErrUnknownType):
			return nil, ErrUnmapped
		case err != nil:
			return nil, errors.Join(ErrMapping, err)
		}
		return f(e, r)
	}
}

// Map makes the messages that a domain event is told in, as a [Relay] does whose
// keys are streams. Tests of mappings call it.
//
// The ID of a message is the event's with the number of its draft, from zero:
// "0190163d-8694-739b-aea5-966c26f8ad91.0". The time is when the domain event
// was recorded. Unless the draft says otherwise the source is the contract's, the
// topic that of the type, the subject the stream, and the key that of the type,
// or else the stream. The key is the extension "partitionkey" too. The trace in
// the metadata of the domain event becomes "traceparent" and "tracestate",
// "$correlationId" and "$causationId" become "correlationid" and "causationid".
//
// The error is [ErrUnmapped], or a [*MappingError].
func (c *Contract) Map(e cairn.Recorded, m Mapping) ([]Message, error) {
	return c.messages(e, e.Stream, m)
}

func (c *Contract) messages(e cairn.Recorded, key string, m Mapping) (all []Message, err error) {
	defer func() {
		if v := recover(); v != nil {
			all, err = nil, fault(&e, -1, "", &PanicError{Value: v, Stack: debug.Stack()}, true)
		}
	}()
	drafts, err := m(e)
	if errors.Is(err, ErrUnmapped) || err == nil && len(drafts) == 0 {
		return nil, err
	}
	if err != nil {
		return nil, fault(&e, -1, "", err, errors.Is(err, ErrMapping))
	}
	return c.compose(&e, key, drafts)
}

// compose makes messages of drafts.
func (c *Contract) compose(e *cairn.Recorded, key string, drafts []Draft) ([]Message, error) {
	o := originOf(e, key)
	all := make([]Message, len(drafts))
	for i := range drafts {
		if err := c.message(&all[i], o, i, &drafts[i]); err != nil {
			return nil, fault(e, i, drafts[i].Type, err, true)
		}
	}
	return all, nil
}

// fault is the error of a domain event whose i-th draft, if it is not -1, is to
// blame.
func fault(e *cairn.Recorded, i int, draft string, err error, broken bool) error {
	return &MappingError{
		Type: e.Type, Stream: e.Stream, Revision: e.Revision, Position: e.Position,
		Index: i, Draft: draft, Broken: broken, Err: err,
	}
}
