package backing

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/nats-io/nats.go"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// RabbitMQ is the one at amqp://….
func RabbitMQ(address, flag string) Service {
	return Service{
		Name: "RabbitMQ", Where: where(address), Flag: flag,
		Start: "rabbitmq-server -detached, or docker run -d -p 5672:5672 rabbitmq",
		Version: func(ctx context.Context) (version string, err error) {
			c, err := amqp.DialConfig(address, amqp.Config{Dial: func(network, addr string) (net.Conn, error) {
				c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				if deadline, ok := ctx.Deadline(); ok && err == nil {
					err = c.SetDeadline(deadline) // of the handshake, which has none otherwise
				}
				return c, err
			}})
			if err != nil {
				return "", err
			}
			return fmt.Sprint(c.Properties["version"]), c.Close()
		},
	}
}

// NATS is the one at nats://…, which must have JetStream.
func NATS(address, flag string) Service {
	return Service{
		Name: "NATS", Where: where(address), Flag: flag,
		Start: "nats-server -js, or docker run -d -p 4222:4222 nats -js",
		Version: func(context.Context) (string, error) {
			c, err := nats.Connect(address, nats.Timeout(patience/2))
			if err != nil {
				return "", err
			}
			defer c.Close()
			return c.ConnectedServerVersion(), nil
		},
	}
}

// Kafka is the cluster that has the brokers at host:port,….
func Kafka(address, flag string) Service {
	return Service{
		Name: "Kafka", Where: address, Flag: flag,
		Start: "docker run -d -p 9092:9092 apache/kafka",
		Version: func(ctx context.Context) (string, error) {
			c, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(address, ",")...))
			if err != nil {
				return "", err
			}
			defer c.Close()
			versions, err := kadm.NewClient(c).ApiVersions(ctx)
			if err == nil && len(versions) == 0 {
				err = errors.New("no broker answers")
			}
			for _, v := range versions {
				return v.VersionGuess(), errors.Join(err, v.Err)
			}
			return "", err
		},
	}
}
