package platform

import (
	"context"

	"github.com/cairndb/cairn/broker"
)

// A Bus carries integration events: it is one of the brokers.
type Bus interface {
	// Publisher opens a publisher to any topic. Its owner closes it.
	Publisher() (broker.Publisher, error)

	// Subscriber makes one that hears a topic, from the first event on that there
	// ever was, or that the broker still has. Subscribers of one name share what
	// arrives; each service has its own, and it must be in contract.Subscriptions.
	// What its handler rejects is logged.
	Subscriber(topic, name string) (broker.Subscriber, error)

	// Close gives up what the bus holds. Publishers and subscribers must have
	// ended.
	Close(ctx context.Context) error
}
