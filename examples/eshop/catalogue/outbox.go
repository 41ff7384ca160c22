package catalogue

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// tell puts what a draft says into the outbox. It has its ID from now on, and
// keeps it however often it is published.
func (s *Service) tell(ctx context.Context, tx *sql.Tx, about string, by func() (*broker.Contract, error), draft broker.Draft, cause broker.Delivery) error {
	c, err := by()
	if err != nil {
		return err
	}
	fact := cairn.Recorded{
		Event:  cairn.Event{ID: cairn.NewID(), Type: draft.Type, Metadata: metadata(cause), Time: time.Now()},
		Stream: about,
	}
	messages, err := c.Map(fact, func(cairn.Recorded) ([]broker.Draft, error) { return []broker.Draft{draft}, nil })
	if err != nil {
		return err
	}
	messages[0].Event.SetID(fact.ID.String()) // there is no domain event in a log, as the number behind it would say
	event, err := json.Marshal(messages[0].Event)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO catalogue_outbox (topic, key, event) VALUES ($1, $2, $3)`,
		messages[0].Topic, messages[0].Key, string(event))
	return err
}

// metadata says what caused an event, and to which conversation it belongs.
func metadata(d broker.Delivery) []byte {
	cause := broker.CauseOf(d)
	correlation, _ := cairn.Correlation(cause.Metadata)
	if correlation == "" && cause.ID.IsZero() {
		return nil
	}
	said := map[string]string{cairn.CorrelationKey: cmp.Or(correlation, cause.ID.String())}
	if !cause.ID.IsZero() {
		said[cairn.CausationKey] = cause.ID.String()
	}
	for _, key := range []string{"traceparent", "tracestate"} {
		if v, ok := d.Event.Extensions()[key].(string); ok {
			said[key] = v
		}
	}
	b, _ := json.Marshal(said) // texts, which can always be JSON
	return b
}

// wake says that the outbox may hold something.
func (s *Service) wake() {
	select {
	case s.stir <- struct{}{}:
	default:
	}
}

// The pauses of publish: after a failure, and between two looks at an outbox that
// somebody else may have written to.
const (
	pause = 200 * time.Millisecond
	look  = 5 * time.Second
)

// publish publishes the outbox, oldest first, until ctx ends. A row goes when its
// message is confirmed, so after a crash the last one may be published again.
func (s *Service) publish(ctx context.Context) error {
	for ctx.Err() == nil {
		rest := look
		if err := s.drain(ctx); errors.Is(err, broker.ErrClosed) {
			return err
		} else if err != nil && ctx.Err() == nil {
			s.o.Logger.Warn("catalogue: the outbox waits", "err", err)
			rest = pause
		}
		timer := time.NewTimer(rest)
		select {
		case <-timer.C:
		case <-s.stir:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return context.Cause(ctx)
}

// drain publishes until there is nothing left.
func (s *Service) drain(ctx context.Context) error {
	for {
		var id int64
		var m broker.Message
		var event string
		err := s.o.DB.QueryRowContext(ctx, `SELECT id, topic, key, event FROM catalogue_outbox ORDER BY id LIMIT 1`).Scan(&id, &m.Topic, &m.Key, &event)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if m.Event, err = parse(event); err != nil {
			return fmt.Errorf("row %d of the outbox: %w", id, err)
		}
		if err := s.o.Publisher.Publish(ctx, m); err != nil {
			return err
		}
		if _, err := s.o.DB.ExecContext(ctx, `DELETE FROM catalogue_outbox WHERE id = $1`, id); err != nil {
			return err
		}
	}
}

func parse(event string) (e cloudevents.Event, err error) {
	err = json.Unmarshal([]byte(event), &e)
	return e, err
}
