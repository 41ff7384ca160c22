package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/cairndb/cairn/internal/proto/cairnv1"
	"github.com/cairndb/cairn/internal/proto/wire"
)

// A link is one Commit stream.
type link struct {
	*writer
	stream   cairnv1.Store_CommitClient
	parser   wire.ResponseParser
	response wire.Response
	gone     chan struct{} // closed when nothing more is received
}

// link opens a stream, deals with what was sent over the last one, and sends and
// receives until the stream breaks or the client closes. begun reports whether
// the server said hello.
func (w *writer) link(ctx context.Context, attempt uint64) (begun bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l := &link{writer: w, gone: make(chan struct{})}
	hello, err := l.open(ctx, attempt)
	if err != nil {
		return false, err
	}
	if err := w.greet(ctx, hello); err != nil {
		return true, err
	}
	w.connected()
	var received error
	go func() {
		defer close(l.gone)
		received = l.receive()
	}()
	sent := l.send(ctx)
	if sent != nil {
		cancel(sent)
	}
	<-l.gone
	if received == nil || errors.Is(received, io.EOF) {
		return true, sent
	}
	return true, received // the reason; what sending failed with is only that it did
}

func (l *link) open(ctx context.Context, attempt uint64) (*wire.Hello, error) {
	var err error
	if l.stream, err = l.client.stub.Commit(ctx); err != nil {
		return nil, err
	}
	open := wire.Open{Session: l.session, Attempt: attempt}
	// Why sending failed is told by receiving.
	if err := l.transmit(wire.AppendOpen(nil, open)); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := l.next(); err != nil {
		return nil, err
	}
	if l.response.Hello == nil {
		return nil, errors.New("client: the server did not say hello")
	}
	return l.response.Hello, nil
}

func (l *link) transmit(b []byte) error {
	m := wire.NewRequest()
	m.Bytes = b
	return l.stream.SendMsg(m)
}

func (l *link) next() error {
	m := wire.NewResponse()
	m.Decode = func(b []byte) error { return l.parser.Parse(b, &l.response) }
	return l.stream.RecvMsg(m)
}

// greet looks at who answers before anything is sent. If they do not remember the
// session, what was sent in it before has to be settled.
func (w *writer) greet(ctx context.Context, hello *wire.Hello) error {
	if hello.Store != w.client.store {
		return fmt.Errorf("%w: %v, not %v", ErrOtherStore, hello.Store, w.client.store)
	}
	if err := w.settle(ctx, w.remember(hello)); err != nil {
		return fmt.Errorf("client: finding out what was stored: %w", err)
	}
	return nil
}

// remember notes what the hello says and returns the calls that were sent to a
// memory that is lost. They stay lost until they are settled, also if this stream
// breaks before.
func (w *writer) remember(hello *wire.Hello) (lost []*call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	forgot := hello.Memory != w.memory
	w.memory, w.head = hello.Memory, max(w.head, hello.Head)
	for _, c := range w.queue {
		c.lost = c.lost || forgot && c.sent
		if c.lost && !c.finished {
			lost = append(lost, c)
		}
	}
	return lost
}

// receive hands out outcomes until the stream ends.
func (l *link) receive() error {
	for {
		if err := l.next(); err != nil {
			return err
		}
		if err := l.answers(); err != nil {
			return err
		}
	}
}

// answers hands out the outcomes of a response.
func (l *link) answers() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.response.Outcomes {
		o := &l.response.Outcomes[i]
		at := l.find(o.Number)
		if at < 0 {
			return fmt.Errorf("client: the server answers batch %d, which it was not sent", o.Number)
		}
		c := l.flying[at]
		if at == 0 {
			l.flying[0] = nil
			l.flying = l.flying[1:]
		} else {
			l.flying = append(l.flying[:at], l.flying[at+1:]...)
		}
		l.answer(c, o.Outcome)
	}
	if l.response.Drained {
		for _, c := range l.flying {
			c.sent = false
		}
	}
	clear(l.response.Outcomes)
	if len(l.queue) > 0 || l.closed {
		l.signal()
	}
	return nil
}

// find is where a number is among those that fly: first, almost always.
func (l *link) find(number uint64) int {
	for i, c := range l.flying {
		if c.number == number {
			return i
		}
	}
	return -1
}

// packed is how many bytes a request has at most, if it has more than one batch.
const packed = 256 << 10

// send sends what is in the queue until the stream breaks or the client closes and
// all is answered.
func (l *link) send(ctx context.Context) error {
	var b []byte
	for {
		l.gather()
		list, answered, over := l.take()
		if over {
			return l.farewell()
		}
		if len(list) == 0 {
			select {
			case <-l.wake:
			case <-l.gone:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			continue
		}
		var err error
		if b, err = l.pack(b[:0], list, answered); err != nil {
			return err
		}
	}
}

// gather lets callers that were just answered come with their next batch, so that
// it travels in the same message. It never sleeps: one that is alone goes at once.
func (l *link) gather() {
	for range 4 {
		runtime.Gosched()
	}
}

// farewell ends the session in good order.
func (l *link) farewell() error {
	err := l.stream.CloseSend()
	<-l.gone
	return err
}

// take moves calls from the queue to those that fly, as many as the limits allow.
// answered is the number up to which all calls have been answered.
func (l *link) take() (list []*call, answered uint64, over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, size := 0, 0
	for _, c := range l.queue {
		if size > 0 && size+len(c.body) > packed || len(l.flying) >= mostFlying || l.bytes >= mostFlyingBytes {
			break
		}
		n++
		if c.finished {
			continue
		}
		if !c.sent {
			c.sent, c.after = true, l.head
		}
		list, l.flying = append(list, c), append(l.flying, c)
		size, l.bytes = size+len(c.body), l.bytes+len(c.body)
	}
	clear(l.queue[:n])
	l.queue = l.queue[n:]
	return list, l.answered(), l.closed && len(l.queue)+len(l.flying) == 0
}

// answered is the number up to which nothing is under way.
func (l *link) answered() uint64 {
	least := l.last + 1
	if len(l.flying) > 0 {
		least = min(least, l.flying[0].number)
	}
	if len(l.queue) > 0 {
		least = min(least, l.queue[0].number)
	}
	return least - 1
}

// pack sends a list of calls in one message, or one that is too long in several.
func (l *link) pack(b []byte, list []*call, answered uint64) ([]byte, error) {
	b = wire.AppendAnswered(b, answered)
	for _, c := range list {
		if len(c.body) < wire.MaxItem-32 {
			b = wire.AppendSubmission(b, c.number, c.body)
			continue
		}
		if err := l.transmit(b); err != nil {
			return nil, ended(err)
		}
		b = b[:0]
		for piece := range wire.RequestFragments(c.number, c.body) {
			if err := l.transmit(piece); err != nil {
				return nil, ended(err)
			}
		}
	}
	if len(b) == 0 {
		return nil, nil
	}
	return b, ended(l.transmit(b))
}

// ended makes it an error that the stream is over while there is more to send.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
