package client

import (
	"context"
	"errors"
	"fmt"
	"io"

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

// farewell ends the session in good order.
func (l *link) farewell() error {
	err := l.stream.CloseSend()
	<-l.gone
	return err
}

// ended makes it an error that the stream is over while there is more to send.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
