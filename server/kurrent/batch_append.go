package kurrent

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/cairndb/cairn"
)

// How much of one call is held in memory. Appends that wait to be committed keep
// the server from receiving; those that wait for their last message are the
// client's to complete, so too many of them end the call.
const (
	mostWaiting      = 4096     // appends that wait
	mostWaitingBytes = 32 << 20 // bytes in them
	mostOpenBytes    = 2 * cairn.MaxBatchSize
	writeOverhead    = 512 // bytes that an append takes by itself
)

// A batchCall is one call of BatchAppend. The goroutine of the call commits all
// that has piled up at once and sends the answers; another one receives. So the
// call can end in good order when the service does, though the client would go on:
// receiving ends when the call has.
type batchCall struct {
	service *streamsServer
	stream  grpc.ServerStream
	open    map[string]*batchWrite // by correlation
	held    int                    // bytes in open
	part    receiving              // them among those of all calls

	mu      sync.Mutex
	changed sync.Cond
	waiting []*batchWrite
	bytes   int // in waiting
	ended   bool
	err     error // why it ended, if not because the client has said all
}

// BatchAppend implements the call of the same name.
func (s *streamsServer) BatchAppend(stream streams.Streams_BatchAppendServer) error {
	ctx, done, err := s.lasting(stream.Context())
	if err != nil {
		return s.fail(stream.Context(), err)
	}
	defer done()
	c := &batchCall{service: s, stream: stream, open: map[string]*batchWrite{}, part: receiving{all: &s.receipts}}
	defer c.part.release()
	c.changed.L = &c.mu
	stop := context.AfterFunc(ctx, func() { c.end(context.Cause(ctx)) })
	defer stop()
	s.calls.Go(func() { c.end(c.receive()) })
	return s.fail(stream.Context(), c.commit())
}

// receive takes messages until the client has said all.
func (c *batchCall) receive() error {
	var m batchMessage
	for {
		if err := c.stream.RecvMsg(&m); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := c.message(&m); err != nil {
			return err
		}
	}
}

// message adds a message to the append that it belongs to.
func (c *batchCall) message(m *batchMessage) error {
	w := c.open[string(m.correlation)]
	if w == nil {
		if !m.options.given {
			return nil // the protocol says so: nobody would know the answer
		}
		w = c.begin(m)
		if !m.final {
			w.correlation = bytes.Clone(w.correlation) // and not hold on to the message
			c.open[string(m.correlation)] = w
		}
	} else {
		_ = c.hold(-w.cost)
		if m.final {
			delete(c.open, string(m.correlation))
		}
	}
	w.add(m, &c.service.opts)
	if m.final {
		return c.submit(w)
	}
	return c.hold(w.cost)
}

// hold counts bytes in open; fewer are negative.
func (c *batchCall) hold(n int) error {
	if c.held += n; n > 0 && c.held > mostOpenBytes {
		return newFault(codes.ResourceExhausted, "Too many appends of this call wait for their last message.", "")
	}
	return c.part.add(n)
}

// submit hands an append over, and waits while too much is waiting. Once the call
// has ended nothing is taken any more.
func (c *batchCall) submit(w *batchWrite) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.ended && (len(c.waiting) >= mostWaiting || c.bytes >= mostWaitingBytes) {
		c.changed.Wait()
	}
	if c.ended {
		return c.err
	}
	if c.waiting = append(c.waiting, w); len(c.waiting) == 1 {
		c.changed.Broadcast()
	}
	c.bytes += w.cost
	return nil
}

// end says that no more will come, and why. What came before is still answered.
func (c *batchCall) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.ended, c.err = true, err
		c.changed.Broadcast()
	}
}

// take waits for appends and takes all there are; none when no more will come.
// The empty slice is what collects the next ones.
func (c *batchCall) take(empty []*batchWrite) []*batchWrite {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.waiting) == 0 && !c.ended {
		c.changed.Wait()
	}
	taken := c.waiting
	c.waiting, c.bytes = empty, 0
	c.changed.Broadcast()
	return taken
}

// commit commits and answers what has piled up, over and over, until the call
// ends. Its error is why.
func (c *batchCall) commit() error {
	var group batchGroup
	var spare []*batchWrite
	for {
		writes := c.take(spare[:0])
		if len(writes) == 0 {
			return c.err
		}
		if err := c.answer(writes, &group); err != nil {
			c.end(err) // the client is gone
			return err
		}
		clear(writes)
		spare = writes
	}
}

// answer commits appends and sends an answer for each.
func (c *batchCall) answer(writes []*batchWrite, g *batchGroup) error {
	g.commit(c.stream.Context(), c.service.store, writes)
	for i, w := range writes {
		c.service.note(c.stream.Context(), g.outcomes[i].err)
		if err := c.stream.SendMsg(g.answer(w, g.outcomes[i])); err != nil {
			return err
		}
	}
	return nil
}
