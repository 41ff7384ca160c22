package kurrent

import (
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// A batchWrite is an append that is being received or waits to be committed.
type batchWrite struct {
	correlation []byte
	stream      string
	expected    cairn.Revision
	until       time.Time
	collection
	cost int   // bytes that it holds in memory
	err  error // why it will not be made
}

// begin opens an append.
func (c *batchCall) begin(m *batchMessage) *batchWrite {
	o := &m.options
	w := &batchWrite{correlation: m.correlation, stream: o.stream, expected: o.expected, cost: writeOverhead}
	w.until = o.until(time.Now(), c.service.opts.WriteTimeout)
	switch {
	case !o.named:
		w.err = invalidArgument("a stream identifier is required")
	case !o.chosen:
		w.err = invalidArgument("an expected stream position is required")
	default:
		w.err = c.service.mayChange(c.stream.Context(), access.Write, o.stream)
	}
	return w
}

// add takes the events of a message, unless the append has failed already.
func (w *batchWrite) add(m *batchMessage, o *Options) {
	if w.err == nil {
		w.err = m.bad
	}
	if w.events == nil && m.final && w.err == nil {
		w.events = make([]cairn.Event, 0, len(m.proposed))
	}
	for i := range m.proposed {
		if w.err != nil {
			break
		}
		e, err := m.proposed[i].event()
		if err == nil {
			err = w.collection.add(e, o)
		}
		w.err = err
	}
	w.cost += m.size
	if w.err != nil { // nothing of the message is kept
		w.events, w.cost = nil, writeOverhead+len(w.stream)+len(w.correlation)
	}
}
