package client

import (
	"context"
	"runtime"

	"github.com/cairndb/cairn/internal/proto/wire"
)

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
