package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Connection says how to reach the cluster.
type Connection struct {
	// Brokers are host:port of some brokers, from which the others are learned.
	// None means 127.0.0.1:9092.
	Brokers []string

	// Options are further ones of the client: TLS, SASL, timeouts, hooks. They
	// win over those that this package sets.
	Options []kgo.Opt
}

// An InvalidError names an option that cannot be.
type InvalidError struct {
	Field  string
	Reason string
}

// Error names the option and what is wrong with it.
func (e *InvalidError) Error() string { return fmt.Sprintf("kafka: option %s %s", e.Field, e.Reason) }

// client makes a client. It does not connect.
func (c *Connection) client(own ...kgo.Opt) (*kgo.Client, error) {
	brokers := c.Brokers
	if len(brokers) == 0 {
		brokers = []string{"127.0.0.1:9092"}
	}
	all := append([]kgo.Opt{kgo.SeedBrokers(brokers...), kgo.ClientID("cairn"), kgo.MetadataMinAge(250 * time.Millisecond)}, own...)
	cl, err := kgo.NewClient(append(all, c.Options...)...)
	if err != nil {
		return nil, &InvalidError{Field: "Brokers or Options", Reason: "do not make a client: " + err.Error()}
	}
	return cl, nil
}

// publishable tells whether a topic has a name that Kafka allows.
func publishable(topic string) bool {
	if topic == "" || len(topic) > 249 || topic == "." || topic == ".." {
		return false
	}
	for _, c := range topic {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// pause waits, at most until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
