package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
)

// errAttempts is the reason of a letter whose message has failed too often.
var errAttempts = errors.New("the attempts are spent")

// attempt calls the handler, and rejects what has failed too often.
func (x *session) attempt(ctx context.Context, d broker.Delivery) error {
	err := broker.Attempt(ctx, d, x.handle)
	if err != nil && ctx.Err() == nil && x.o.Attempts > 0 && d.Attempt >= x.o.Attempts && !errors.Is(err, broker.ErrRejected) {
		return fmt.Errorf("%w: %w: %w", broker.ErrRejected, errAttempts, err)
	}
	return err
}

// The headers that say why a record is a dead letter, and where it was.
const (
	headerDeadReason = "cairn-dead-reason"
	headerDeadTopic  = "cairn-dead-topic"
	headerDeadOffset = "cairn-dead-offset"
)

// bury gives a letter to the sink, or publishes its record as it is, with the
// reason.
func (x *session) bury(ctx context.Context, r *kgo.Record, l broker.Letter) error {
	if x.o.Sink != nil {
		return x.o.Sink(ctx, l)
	}
	dead := &kgo.Record{Topic: x.o.DeadTopic, Key: r.Key, Value: r.Value, Headers: append(slices.Clone(r.Headers),
		kgo.RecordHeader{Key: headerDeadReason, Value: []byte(l.Err.Error())},
		kgo.RecordHeader{Key: headerDeadTopic, Value: []byte(r.Topic)},
		kgo.RecordHeader{Key: headerDeadOffset, Value: fmt.Appendf(nil, "%d/%d", r.Partition, r.Offset)},
	)}
	return x.cl.ProduceSync(ctx, dead).FirstErr()
}
