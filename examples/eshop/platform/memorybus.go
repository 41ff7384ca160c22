package platform

import (
	"context"
	"log/slog"

	"github.com/cairndb/cairn/broker"
)

// A memoryBus carries integration events in the memory of this process. What was
// said and not yet heard is gone when that ends.
type memoryBus struct {
	memory *broker.Memory
	logger *slog.Logger
}

// MemoryBus makes a bus of a broker in memory.
func MemoryBus(memory *broker.Memory, logger *slog.Logger) Bus { return &memoryBus{memory, logger} }

func (b *memoryBus) Publisher() (broker.Publisher, error) { return b.memory.Publisher(), nil }

func (b *memoryBus) Subscriber(topic, name string) (broker.Subscriber, error) {
	return b.memory.Subscriber(topic, broker.MemorySubscription{Name: name, Workers: 8, Sink: logged(b.logger, name)}), nil
}

func (b *memoryBus) Close(context.Context) error { return nil }

// logged is a sink that tells of what it takes, and keeps nothing.
func logged(logger *slog.Logger, name string) broker.Sink {
	return func(_ context.Context, l broker.Letter) error {
		logger.Error("a message is given up", "service", name, "topic", l.Topic, "key", l.Key, "err", l.Err)
		return nil
	}
}
