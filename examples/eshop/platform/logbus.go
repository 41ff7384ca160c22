package platform

import (
	"context"
	"log/slog"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/log"
)

// A logBus carries integration events through streams of a log that all services
// share: the only broker is the log's consumer groups.
type logBus struct {
	store  cairn.Store
	logger *slog.Logger
}

// LogBus makes a bus of a store, which stays its owner's.
func LogBus(store cairn.Store, logger *slog.Logger) Bus { return &logBus{store, logger} }

func (b *logBus) Publisher() (broker.Publisher, error) {
	return log.NewPublisher(b.store, log.PublisherOptions{}), nil
}

// Subscriber has no sink: what is rejected is parked, where the window shows it.
func (b *logBus) Subscriber(topic, name string) (broker.Subscriber, error) {
	return log.NewSubscriber(b.store, log.SubscriberOptions{Topic: topic, Name: hearing(name, topic), Group: Group(b.logger)})
}

func (b *logBus) Close(context.Context) error { return nil }
