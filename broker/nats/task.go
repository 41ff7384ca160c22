package nats

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// task is what is to be done about a message. It fails until it is handled or a
// dead letter; the lanes see to further attempts.
func (x *session) task(ctx context.Context, seq uint64, h *held, before int) lane.Task {
	raw := &client.Msg{Subject: h.msg.Subject(), Header: h.msg.Headers(), Data: h.msg.Data()}
	a := lane.Arrival{Before: before}
	a.Message, a.Letter.Err = decode(raw)
	a.Letter = letter(raw, a.Message.Key, a.Letter.Err)
	done := jetstream.Msg.Ack
	bury := func(ctx context.Context, l broker.Letter) error {
		err := x.bury(ctx, seq, l)
		if err == nil {
			done = jetstream.Msg.Term
		}
		return err
	}
	return lane.Task{
		Key: x.o.Key(&a.Message),
		Try: func(attempt int) error { return a.Handle(ctx, attempt, x.attempt, bury) },
		Settle: func(err error) bool {
			if err == nil {
				x.settle(seq, done)
			}
			return err == nil
		},
	}
}

// errAttempts is the reason of a letter whose message has failed too often.
var errAttempts = errors.New("the attempts are spent")

// attempt calls the handler, and rejects what has failed too often.
func (x *session) attempt(ctx context.Context, d broker.Delivery) error {
	err := broker.Attempt(ctx, d, x.handle)
	if err != nil && ctx.Err() == nil && x.o.Attempts > 0 && d.Attempt >= x.o.Attempts && !errors.Is(err, broker.ErrRejected) {
		return fmt.Errorf("%w: %w: %w", broker.ErrRejected, errAttempts, err)
	}
	return err
}

// The headers that say why a message is a dead letter, and where it was.
const (
	headerDeadReason  = "Cairn-Dead-Reason"
	headerDeadSubject = "Cairn-Dead-Subject"
)

// bury gives a letter to the sink, or publishes it, once.
func (x *session) bury(ctx context.Context, seq uint64, l broker.Letter) error {
	if x.o.Sink != nil {
		return x.o.Sink(ctx, l)
	}
	m := &client.Msg{Subject: x.o.DeadSubject, Header: client.Header{}, Data: l.Body}
	for name, value := range l.Header {
		m.Header[name] = []string{value}
	}
	m.Header[headerDeadReason] = []string{broker.EscapeHeader(l.Err.Error())}
	m.Header[headerDeadSubject] = []string{l.Topic}
	m.Header[jetstream.MsgIDHeader] = []string{x.o.Durable + " " + l.Topic + " " + strconv.FormatUint(seq, 10)}
	_, err := x.js.PublishMsg(ctx, m)
	return err
}
