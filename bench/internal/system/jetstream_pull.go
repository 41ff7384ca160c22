package system

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/bench/internal/measure"
)

// What did best of several: see the README.
const (
	natsFetch      = 1000      // messages that a member asks for at once
	natsAckPending = 16 * 1024 // messages that may be unacknowledged
)

// React implements [Reactor]: the members share one durable pull consumer and
// acknowledge every message. The messages of a subject are not kept in order:
// different members may have them at the same time.
func (j *JetStream) React(ctx context.Context, w Reaction) error {
	if _, err := j.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: w.Group, AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: natsAckPending,
	}); err != nil {
		return err
	}
	var handled atomic.Int64
	done, failed := make(chan struct{}), make(chan error, w.Members)
	for i := range w.Members {
		stop, err := j.member(ctx, i, w.Group, func(m jetstream.Msg) {
			w.Handle(m.Data())
			if err := m.Ack(); err != nil {
				select {
				case failed <- err:
				default:
				}
			}
			if handled.Add(1) == w.Events {
				close(done)
			}
		})
		if err != nil {
			return err
		}
		defer stop()
	}
	select {
	case <-done:
	case err := <-failed:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return j.acknowledged(ctx, w.Group)
}

// member is one that consumes until the function returned is called. Two share
// a connection.
func (j *JetStream) member(ctx context.Context, i int, name string, visit func(jetstream.Msg)) (func(), error) {
	consumer, err := j.js[i%len(j.js)].Consumer(ctx, natsStream, name)
	if err != nil {
		return nil, err
	}
	running, err := consumer.Consume(visit, jetstream.PullMaxMessages(natsFetch))
	if err != nil {
		return nil, err
	}
	return func() {
		running.Stop()
		<-running.Closed()
	}, nil
}

// acknowledged waits until the server has taken note of the last acknowledgement.
func (j *JetStream) acknowledged(ctx context.Context, name string) error {
	for _, conn := range j.conns {
		if err := conn.FlushTimeout(natsWait); err != nil {
			return err
		}
	}
	for {
		left, err := j.Left(ctx, name)
		if err != nil || left == 0 {
			return err
		}
		if err := measure.Pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}

// Left implements [Reactor].
func (j *JetStream) Left(ctx context.Context, name string) (int64, error) {
	consumer, err := j.stream.Consumer(ctx, name)
	if err != nil {
		return 0, err
	}
	info, err := consumer.Info(ctx)
	if err != nil {
		return 0, err
	}
	if info.NumRedelivered > 0 {
		err = errors.New("system: messages were delivered again")
	}
	return int64(info.NumPending) + int64(info.NumAckPending), err
}
