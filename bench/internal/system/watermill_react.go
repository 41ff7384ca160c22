package system

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn/bench/internal/measure"
)

// React implements [Reactor]: the members are subscribers of one consumer group.
func (m *millwheel) React(ctx context.Context, w Reaction) error {
	var handled atomic.Int64
	done := make(chan struct{})
	for range w.Members {
		s, err := m.subscriber(w.Group)
		if err != nil {
			return err
		}
		defer s.Close() // nothing is under way then
		messages, err := s.Subscribe(ctx, watermillTopic)
		if err != nil {
			return err
		}
		go func() {
			for msg := range messages {
				w.Handle(msg.Payload)
				msg.Ack()
				if handled.Add(1) == w.Events {
					close(done)
				}
			}
		}()
	}
	select {
	case <-done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return m.committed(ctx, w.Group)
}

// committed waits for the last transaction.
func (m *millwheel) committed(ctx context.Context, group string) error {
	for {
		left, err := m.Left(ctx, group)
		if err != nil || left == 0 {
			return err
		}
		if err := measure.Pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}

// Left implements [Reactor].
func (m *millwheel) Left(ctx context.Context, group string) (left int64, err error) {
	err = m.pool.QueryRow(ctx, `SELECT count(*) FROM watermill_events e, watermill_offsets_events o
		WHERE o.consumer_group = $1 AND (e.transaction_id, e."offset") > (o.last_processed_transaction_id, o.offset_acked)`, group).Scan(&left)
	return left, err
}
