package platform

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/nats"
)

// A natsBus is a JetStream stream that takes all topics of the shop, and a durable
// consumer for each subscription.
type natsBus struct {
	c    BusChoice
	conn *client.Conn
}

func openNATS(ctx context.Context, c BusChoice) (Bus, error) {
	conn, err := client.Connect(cmp.Or(c.URL, client.DefaultURL), client.Name("eshop"), client.MaxReconnects(-1))
	if err != nil {
		return nil, fmt.Errorf("NATS: %w", err)
	}
	b := &natsBus{c, conn}
	js, err := jetstream.New(conn)
	if err == nil {
		_, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: b.stream(), Subjects: []string{c.Space + ".eshop.>"}})
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("NATS: %w", err)
	}
	return b, nil
}

func (b *natsBus) stream() string { return b.c.Space + "-eshop" }

func (b *natsBus) Publisher() (broker.Publisher, error) {
	p, err := nats.NewPublisher(nats.PublisherOptions{Connection: nats.Connection{Conn: b.conn}, Stream: b.stream()})
	if err != nil {
		return nil, err
	}
	return &spaced{p, b.c.Space}, nil
}

func (b *natsBus) Subscriber(topic, name string) (broker.Subscriber, error) {
	s, err := nats.NewSubscriber(nats.SubscriberOptions{
		Connection: nats.Connection{Conn: b.conn}, Stream: b.stream(), Subjects: []string{b.c.Space + "." + topic},
		Durable: name + "-hears-" + strings.ReplaceAll(topic, ".", "-"), Sink: logged(b.c.Logger, name),
	})
	if err != nil {
		return nil, err // and not a subscriber that is a nil pointer
	}
	return s, nil
}

func (b *natsBus) Close(context.Context) error {
	b.conn.Close()
	return nil
}
