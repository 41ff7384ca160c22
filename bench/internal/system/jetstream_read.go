package system

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"github.com/cairndb/cairn"
)

// Load implements [Loader].
func (j *JetStream) Load(ctx context.Context, chunks iter.Seq[[]cairn.Write]) error {
	for writes := range chunks {
		acks := make([]jetstream.PubAckFuture, 0, len(writes))
		for i := range writes {
			for k := range writes[i].Events {
				ack, err := j.js[0].PublishMsgAsync(message(writes[i].Stream, &writes[i].Events[k]))
				if err != nil {
					return err
				}
				acks = append(acks, ack)
			}
		}
		if err := awaitAcks(ctx, acks); err != nil {
			return err
		}
	}
	return nil
}

func awaitAcks(ctx context.Context, acks []jetstream.PubAckFuture) error {
	for _, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// ReadAll implements [System].
func (j *JetStream) ReadAll(ctx context.Context) (t Tally, err error) {
	info, err := j.stream.Info(ctx)
	if err != nil || info.State.Msgs == 0 {
		return t, err
	}
	done := make(chan struct{})
	stop, err := j.consume(ctx, jetstream.DeliverAllPolicy, func(m jetstream.Msg) {
		e := recorded(m.Subject(), m.Headers(), m.Data())
		t.event(&e)
		if t.Events == int64(info.State.Msgs) {
			close(done)
		}
	})
	if err != nil {
		return t, err
	}
	select {
	case <-done:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	stop()
	return t, err
}

// consume calls visit for every message until the function returned is called,
// which waits for the last call.
func (j *JetStream) consume(ctx context.Context, from jetstream.DeliverPolicy, visit func(jetstream.Msg)) (func(), error) {
	consumer, err := j.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{DeliverPolicy: from})
	if err != nil {
		return nil, err
	}
	running, err := consumer.Consume(visit, jetstream.PullMaxMessages(10_000))
	if err != nil {
		return nil, err
	}
	return func() {
		running.Stop()
		<-running.Closed()
	}, nil
}

// ReadStream implements [StreamReader].
func (j *JetStream) ReadStream(ctx context.Context, stream string) (t Tally, err error) {
	messages, err := jetstreamext.GetBatch(ctx, j.js[0], natsStream, 1000, jetstreamext.GetBatchSubject("ev."+stream))
	if err != nil {
		return t, err
	}
	for m, err := range messages {
		if errors.Is(err, jetstreamext.ErrNoMessages) {
			break
		}
		if err != nil {
			return t, fmt.Errorf("batch get: %w", err)
		}
		e := recorded(natsSubject+stream, m.Header, m.Data)
		t.event(&e)
	}
	return t, nil
}

// Follow implements [Follower].
func (j *JetStream) Follow(ctx context.Context, ready, visit func()) error {
	stop, err := j.consume(ctx, jetstream.DeliverNewPolicy, func(jetstream.Msg) { visit() })
	if err != nil {
		return err
	}
	ready()
	<-ctx.Done()
	stop()
	return nil
}
