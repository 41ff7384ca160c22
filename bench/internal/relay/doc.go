// Package relay holds the brokers that a relay publishes to, each behind its own
// client too, which then publishes copies of the very same messages: subjects,
// keys, headers and data, with the same confirmation, and as many on their way
// at a time.
package relay

import (
	"context"

	"github.com/cairndb/cairn/broker"
)

// A Broker is one that runs, or was started for the benchmark.
type Broker interface {
	// Topic makes one that is empty.
	Topic(ctx context.Context, name string) error

	// Publisher is Cairn's, with its defaults.
	Publisher() (broker.Publisher, error)

	// Read takes all messages from a topic, which are so many.
	Read(ctx context.Context, topic string, n int) (Copies, error)

	// Close deletes the topics.
	Close() error
}

// Copies are messages for the broker's own client.
type Copies interface {
	// Publish publishes them in order, at most so many waiting for their
	// confirmation at a time, and returns when all are confirmed.
	Publish(ctx context.Context, topic string, inFlight int) error
}

// Kinds are the brokers there are, by name.
var Kinds = map[string]func(dir string) (Broker, error){"nats": openNATS, "kafka": openKafka}
