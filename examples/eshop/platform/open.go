package platform

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// A BusChoice says which broker is between services.
type BusChoice struct {
	Kind string // log, memory, nats, rabbitmq or kafka; empty is log

	// URL is where the broker is. Empty means this machine. That of Kafka is
	// host:port,….
	URL string

	// Space is what keeps shops apart that share a broker. Empty means "cairn".
	Space string

	Store  cairn.Store // for log
	Logger *slog.Logger
}

// OpenBus opens it. What a broker must have before anything is said, queues and
// topics, is made if it is not there.
func OpenBus(ctx context.Context, c BusChoice) (Bus, error) {
	c.Space = cmp.Or(c.Space, "cairn")
	switch c.Kind {
	case "", "log":
		return LogBus(c.Store, c.Logger), nil
	case "memory":
		return MemoryBus(broker.NewMemory(broker.MemoryOptions{}), c.Logger), nil
	case "rabbitmq":
		return openRabbit(c), nil
	case "nats":
		return openNATS(ctx, c)
	case "kafka":
		return openKafka(ctx, c)
	}
	return nil, fmt.Errorf("there is no broker %q; there are log, memory, nats, rabbitmq and kafka", c.Kind)
}
