package system

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"time"

	watermillsql "github.com/ThreeDotsLabs/watermill-sql/v4/pkg/sql"
	mill "github.com/ThreeDotsLabs/watermill/message"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn"
)

// A millwheel is Watermill's SQL publisher and subscriber on a schema of its own
// in PostgreSQL.
type millwheel struct {
	*postgres
	publisher *watermillsql.Publisher
	tuned     bool
}

const (
	watermillTopic = "events"
	// watermillBatch is how many messages a subscriber takes in a transaction
	// when it is tuned, and watermillPause how long it waits when others hold the
	// group, or there is nothing.
	watermillBatch = 1000
	watermillPause = 5 * time.Millisecond
	// watermillSlow messages are loaded: each query sorts all that are left, so a
	// longer backlog would only slow it down.
	watermillSlow = 20_000
)

// Watermill is the SQL subscriber of Watermill, tuned and as it comes: then it
// takes 100 messages in a transaction, and a second's rest when others are
// faster. It keeps no streams.
func Watermill() []Spec {
	spec := func(name, title string, tuned bool) Spec {
		return Spec{Name: name, Title: title, Unchecked: true, Slow: watermillSlow, Sweep: sweepPostgres,
			Open: func(ctx context.Context, o Options) (System, error) { return openWatermill(ctx, o, tuned) }}
	}
	return []Spec{
		spec("watermill", "Watermill's SQL subscriber, PostgreSQL, batches of 1,000", true),
		spec("watermill-default", "Watermill's SQL subscriber, PostgreSQL, as it comes", false),
	}
}

func (m *millwheel) schema() watermillsql.DefaultPostgreSQLSchema {
	s := watermillsql.DefaultPostgreSQLSchema{GeneratePayloadType: func(string) string { return "BYTEA" }}
	if m.tuned {
		s.SubscribeBatchSize = watermillBatch
	}
	return s
}

func openWatermill(ctx context.Context, o Options, tuned bool) (System, error) {
	config, err := postgresConfig(schemaPrefix + strings.ReplaceAll(filepath.Base(o.Dir), "-", "_"))
	if err != nil {
		return nil, err
	}
	config.MaxConns = 2 * postgresPool // one for each subscriber, and to look at them
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("%w: PostgreSQL: %w", ErrUnavailable, err)
	}
	m := &millwheel{postgres: &postgres{pool}, tuned: tuned}
	if err := m.prepare(ctx, config.ConnConfig.RuntimeParams["search_path"]); err != nil {
		pool.Close()
		return nil, err
	}
	return m, nil
}

// prepare makes the tables.
func (m *millwheel) prepare(ctx context.Context, schema string) (err error) {
	if _, err := m.pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema); err != nil {
		return err
	}
	s, err := m.subscriber("")
	if err != nil {
		return err
	}
	if err := s.SubscribeInitialize(watermillTopic); err != nil {
		return err
	}
	m.publisher, err = watermillsql.NewPublisher(watermillsql.BeginnerFromPgx(m.pool),
		watermillsql.PublisherConfig{SchemaAdapter: m.schema()}, nil)
	return err
}

func (m *millwheel) subscriber(group string) (*watermillsql.Subscriber, error) {
	config := watermillsql.SubscriberConfig{
		ConsumerGroup:  group,
		SchemaAdapter:  m.schema(),
		OffsetsAdapter: watermillsql.DefaultPostgreSQLOffsetsAdapter{},
	}
	if m.tuned {
		config.PollInterval, config.RetryInterval = watermillPause, watermillPause
	}
	return watermillsql.NewSubscriber(watermillsql.BeginnerFromPgx(m.pool), config, nil)
}

func millMessage(stream string, e *cairn.Event) *mill.Message {
	m := mill.NewMessage(e.ID.String(), mill.Payload(e.Data))
	m.Metadata = mill.Metadata{"stream": stream, "type": e.Type, "meta": string(e.Metadata)}
	return m
}

// Append implements [System]: revisions are not checked.
func (m *millwheel) Append(_ context.Context, stream string, _ cairn.Revision, events []cairn.Event) error {
	var all []*mill.Message
	for i := range events {
		all = append(all, millMessage(stream, &events[i]))
	}
	return m.publisher.Publish(watermillTopic, all...)
}

// Load implements [Loader].
func (m *millwheel) Load(_ context.Context, chunks iter.Seq[[]cairn.Write]) error {
	for writes := range chunks {
		var all []*mill.Message
		for i := range writes {
			for k := range writes[i].Events {
				all = append(all, millMessage(writes[i].Stream, &writes[i].Events[k]))
			}
		}
		if err := m.publisher.Publish(watermillTopic, all...); err != nil {
			return err
		}
	}
	return nil
}

// ReadAll implements [System].
func (m *millwheel) ReadAll(ctx context.Context) (t Tally, err error) {
	err = m.pool.QueryRow(ctx, `SELECT count(*), coalesce(sum(length(payload) + length(metadata->>'meta')), 0) FROM watermill_events`).
		Scan(&t.Events, &t.Bytes)
	return t, err
}

func (m *millwheel) Close() error { return errors.Join(m.publisher.Close(), m.postgres.Close()) }
