package kurrent

import (
	"math"

	"github.com/cairndb/cairn"
)

// An appendMessage is an AppendReq, decoded by hand: options or an event, whose
// fields are those of a batch's.
type appendMessage struct{ batchMessage }

// decode implements decoder.
func (m *appendMessage) decode(b []byte) error {
	*m = appendMessage{batchMessage: batchMessage{proposed: m.proposed[:0], lastType: m.lastType, size: len(b)}}
	return fields(b, func(f field) error {
		switch f.tag {
		case 1<<3 | length:
			m.options, m.proposed = batchOptions{}, m.proposed[:0]
			return m.options.decode(f.bytes)
		case 2<<3 | length:
			m.options, m.proposed = batchOptions{}, m.proposed[:0]
			return m.decodeProposed(f.bytes)
		}
		return nil
	})
}

// target is what the options say about the stream: its name and where it must
// stand.
func (m *appendMessage) target() (stream string, expected cairn.Revision, err error) {
	o := &m.options
	switch {
	case !o.named:
		return "", 0, invalidArgument("a stream identifier is required")
	case !o.chosen:
		return "", 0, invalidArgument("an expected stream revision is required")
	case o.far:
		return "", 0, invalidArgument("the revision is beyond the last there can be, %d", int64(math.MaxInt64))
	}
	return o.stream, o.expected, nil
}

// event adds the message's event to those of the append.
func (m *appendMessage) event(all *collection, o *Options) error {
	if len(m.proposed) == 0 || m.bad != nil {
		return unhandled()
	}
	e, err := m.proposed[0].event()
	if err != nil {
		return err
	}
	return all.add(e, o)
}
