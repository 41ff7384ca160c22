package system

import (
	"context"
	"errors"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"github.com/cairndb/cairn"
)

const natsSubject = "ev."

func message(stream string, e *cairn.Event) *nats.Msg {
	return &nats.Msg{Subject: natsSubject + stream, Data: e.Data, Header: nats.Header{
		"Id":   []string{e.ID.String()},
		"Type": []string{e.Type},
		"Meta": []string{string(e.Metadata)},
	}}
}

// Append implements [System].
func (j *JetStream) Append(ctx context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	js, last := j.standing(stream)
	if expected == cairn.NoStream {
		last = sequence{revision: cairn.NoStream}
	}
	if last.revision != expected {
		return conflict(stream, expected, last.revision)
	}
	number, err := publish(ctx, js, stream, last.number, events)
	if wrongSequence(err) {
		return conflict(stream, expected, cairn.Any)
	}
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.heads[stream] = sequence{expected + cairn.Revision(len(events)), number}
	return nil
}

// standing returns the connection whose turn it is and where the stream stands.
func (j *JetStream) standing(stream string) (jetstream.JetStream, sequence) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next++
	return j.js[j.next%len(j.js)], j.heads[stream]
}

func publish(ctx context.Context, js jetstream.JetStream, stream string, last uint64, events []cairn.Event) (uint64, error) {
	if len(events) > 1 {
		return publishBatch(ctx, js, stream, last, events)
	}
	ack, err := js.PublishMsg(ctx, message(stream, &events[0]), jetstream.WithExpectLastSequencePerSubject(last))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

func publishBatch(ctx context.Context, js jetstream.JetStream, stream string, last uint64, events []cairn.Event) (uint64, error) {
	// Only the last message waits for an answer, which is the fastest way.
	b, err := jetstreamext.NewBatchPublisher(js, jetstreamext.BatchFlowControl{AckTimeout: natsWait})
	if err != nil {
		return 0, err
	}
	expect := []jetstreamext.BatchMsgOpt{jetstreamext.WithBatchExpectLastSequencePerSubject(last)}
	final := len(events) - 1
	for i := range events[:final] {
		if err := b.AddMsg(message(stream, &events[i]), expect...); err != nil {
			return 0, err
		}
		expect = nil
	}
	ack, err := b.CommitMsg(ctx, message(stream, &events[final]))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

func wrongSequence(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// recorded is the inverse of message. The client has made the message's bytes the
// reader's own.
func recorded(subject string, h nats.Header, data []byte) (e cairn.Recorded) {
	e.Stream = strings.TrimPrefix(subject, natsSubject)
	e.ID, _ = cairn.ParseID(h.Get("Id")) // a message without one is an event all the same
	e.Type, e.Metadata, e.Data = h.Get("Type"), []byte(h.Get("Meta")), data
	return e
}
