package relay

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/nats"
)

const natsWait = 30 * time.Second

// A natsBroker is a server in this process with JetStream, in its default
// settings, and a connection without sockets.
type natsBroker struct {
	server *server.Server
	conn   *client.Conn
	js     jetstream.JetStream
}

func openNATS(dir string) (Broker, error) {
	s, err := system.StartNATS(dir, false)
	if err != nil {
		return nil, err
	}
	b := &natsBroker{server: s}
	if b.conn, err = client.Connect("", client.InProcessServer(s)); err == nil {
		b.js, err = jetstream.New(b.conn)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *natsBroker) Topic(ctx context.Context, name string) error {
	_, err := b.js.CreateStream(ctx, jetstream.StreamConfig{Name: name, Subjects: []string{name}, Storage: jetstream.FileStorage})
	return err
}

func (b *natsBroker) Publisher() (broker.Publisher, error) {
	return nats.NewPublisher(nats.PublisherOptions{Connection: nats.Connection{Conn: b.conn}})
}

func (b *natsBroker) Close() error {
	if b.conn != nil {
		b.conn.Close()
	}
	b.server.Shutdown()
	b.server.WaitForShutdown()
	return nil
}

func (b *natsBroker) Read(ctx context.Context, topic string, n int) (Copies, error) {
	consumer, err := b.js.OrderedConsumer(ctx, topic, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return nil, err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return nil, err
	}
	defer messages.Stop()
	copies := &natsCopies{conn: b.conn}
	for len(copies.all) < n {
		m, err := messages.Next(jetstream.NextMaxWait(natsWait))
		if err != nil {
			return nil, err
		}
		copies.all = append(copies.all, &client.Msg{Header: m.Headers(), Data: m.Data()})
	}
	return copies, nil
}

type natsCopies struct {
	conn *client.Conn
	all  []*client.Msg
}

func (c *natsCopies) Publish(ctx context.Context, topic string, inFlight int) error {
	js, err := jetstream.New(c.conn, jetstream.WithPublishAsyncMaxPending(2*inFlight))
	if err != nil {
		return err
	}
	waiting := make([]jetstream.PubAckFuture, 0, len(c.all))
	for i, m := range c.all {
		if i >= inFlight {
			if err := confirmed(ctx, waiting[i-inFlight]); err != nil {
				return err
			}
		}
		m.Subject = topic
		future, err := js.PublishMsgAsync(m)
		if err != nil {
			return err
		}
		waiting = append(waiting, future)
	}
	for _, future := range waiting[max(len(waiting)-inFlight, 0):] {
		if err := confirmed(ctx, future); err != nil {
			return err
		}
	}
	return nil
}

func confirmed(ctx context.Context, future jetstream.PubAckFuture) error {
	select {
	case <-future.Ok():
		return nil
	case err := <-future.Err():
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
