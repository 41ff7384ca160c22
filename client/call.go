package client

import (
	"fmt"
	"sync"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/wire"
)

// A call is a batch on its way. Its fields belong to the writer, under its lock,
// from the time it is submitted until it is done.
type call struct {
	body   []byte        // the batch, encoded, with an ID for each event
	made   bool          // at least one of the IDs was made by the client
	number uint64        // in the session
	done   chan struct{} // holds one when the outcome is there

	outcome  cairn.Outcome
	finished bool
	listed   bool           // is in a list of the writer's
	timed    bool           // a timer knows it
	after    cairn.Position // where the log ended before it was sent for the first time
	sent     bool           // a server may have stored it
	lost     bool           // it was sent, and no server remembers
	doubtful bool           // a refusal may be due to its having been stored before
	blind    bool           // a duplicate may be due to its having been stored before
	lapsed   error          // the cause of the caller's context, which has ended
	timer    *time.Timer    // ends the waiting for a connection
}

var calls = sync.Pool{New: func() any { return &call{done: make(chan struct{}, 1)} }}

// newCall checks and encodes a batch.
func newCall(b *cairn.Batch, now time.Time) (*call, error) {
	if err := b.Validate(); err != nil {
		return nil, err
	}
	c := calls.Get().(*call)
	c.body, c.made = wire.AppendBatch(c.body[:0], b, now)
	if len(c.body) > wire.MaxBatch {
		return nil, &cairn.InvalidError{
			Field: "encoded size in bytes", Limit: wire.MaxBatch,
			Problem: fmt.Sprintf("%d; the limit is %d", len(c.body), wire.MaxBatch),
		}
	}
	return c, nil
}

// mostPooled is up to how many bytes a body is kept for the next call.
const mostPooled = 64 << 10

// recycle gives the call's memory to the next one, unless somebody else may still
// look at it.
func (c *call) recycle() {
	if c.listed || c.timed {
		return
	}
	*c = call{done: c.done, body: c.body[:0]}
	if cap(c.body) > mostPooled {
		c.body = nil
	}
	calls.Put(c)
}
