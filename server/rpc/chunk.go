package rpc

import (
	"sync"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/wire"
)

// A chunk packs events into messages: as many as fit, or what there is when the
// reader has caught up. Sending waits when the client is slow, and with it the
// read, which holds nothing that others need.
type chunk struct {
	stream grpc.ServerStream
	sparse bool // the first event may be long in coming
	bytes  []byte
	spare  *[]byte // whose memory bytes has
	err    error   // of sending
}

// spares are the memory of messages that were sent. One is held only while a
// message is being filled, so a follower that waits holds none.
var spares = sync.Pool{New: func() any {
	b := make([]byte, 0, packed+packed/4)
	return &b
}}

// room makes sure that there is memory for a message.
func (c *chunk) room() {
	if c.spare == nil {
		c.spare = spares.Get().(*[]byte)
		c.bytes = (*c.spare)[:0]
	}
}

// done gives the memory back, unless a long event has made it large.
func (c *chunk) done() {
	if c.spare != nil && cap(c.bytes) <= 4*packed {
		*c.spare = c.bytes[:0]
		spares.Put(c.spare)
	}
	c.bytes, c.spare = nil, nil
}

// event adds an event. It reports whether to go on.
func (c *chunk) event(e *cairn.Recorded) bool {
	c.room()
	start := len(c.bytes)
	c.bytes = wire.AppendItem(c.bytes, e)
	if len(c.bytes)-start > wire.MaxItem {
		c.inPieces(start)
	} else if len(c.bytes) >= packed {
		c.flush()
	}
	return c.err == nil
}

// inPieces sends what is ready and then a long event.
func (c *chunk) inPieces(start int) {
	long := c.bytes[start:]
	c.bytes = c.bytes[:start]
	c.flush()
	c.bytes, c.spare = nil, nil // long needs the memory, which is too much to keep
	for piece := range wire.ReadingFragments(long) {
		c.bytes = piece
		c.flush()
	}
}

func (c *chunk) caughtUp(at int64) {
	c.room()
	c.bytes = wire.AppendCaughtUp(c.bytes, at)
	c.flush()
}

func (c *chunk) progress(p cairn.Position) {
	c.room()
	c.bytes = wire.AppendProgress(c.bytes, p)
	c.flush()
}

// flush sends what there is.
func (c *chunk) flush() {
	if len(c.bytes) == 0 || c.err != nil {
		return
	}
	m := wire.NewReading()
	m.Bytes = c.bytes
	c.err = c.stream.SendMsg(m)
	c.done()
}
