package system

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn"
)

func (p *postgres) Load(ctx context.Context, chunks iter.Seq[[]cairn.Write]) error {
	for writes := range chunks {
		var rows [][]any
		for _, w := range writes {
			for i := range w.Events {
				e := &w.Events[i]
				rows = append(rows, []any{[16]byte(e.ID), w.Stream, int64(w.Expected) + 1 + int64(i), e.Type, e.Data, e.Metadata})
			}
		}
		names := []string{"id", "stream_name", "position", "type", "data", "metadata"}
		if _, err := p.pool.CopyFrom(ctx, pgx.Identifier{"messages"}, names, pgx.CopyFromRows(rows)); err != nil {
			return err
		}
	}
	_, err := p.pool.Exec(ctx, "CREATE INDEX messages_type ON messages (type, global_position)")
	if err != nil {
		return err
	}
	_, err = p.pool.Exec(ctx, "VACUUM ANALYZE messages")
	return err
}

const (
	selectMessages = "SELECT global_position, position, time, stream_name, type, id, data, metadata FROM messages "
	postgresPage   = 1000
)

// ReadAll reads in pages, as a subscription of Message DB does.
func (p *postgres) ReadAll(ctx context.Context) (t Tally, err error) {
	last := uint64(0)
	for {
		before := t.Events
		err := p.query(ctx, &t, func(e *cairn.Recorded) { last = uint64(e.Position) },
			selectMessages+"WHERE global_position > $1 ORDER BY global_position LIMIT $2", int64(last), postgresPage)
		if err != nil || t.Events < before+postgresPage {
			return t, err
		}
	}
}

func (p *postgres) ReadStream(ctx context.Context, stream string) (t Tally, err error) {
	return t, p.query(ctx, &t, nil, selectMessages+"WHERE stream_name = $1 ORDER BY position LIMIT $2", stream, postgresPage)
}

func (p *postgres) ReadType(ctx context.Context, eventType string) (t Tally, err error) {
	return t, p.query(ctx, &t, nil, selectMessages+"WHERE type = $1 ORDER BY global_position", eventType)
}

// query decodes and counts rows.
func (p *postgres) query(ctx context.Context, t *Tally, visit func(*cairn.Recorded), sql string, args ...any) error {
	rows, err := p.pool.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e cairn.Recorded
		if err := rows.Scan(&e.Position, &e.Revision, &e.Time, &e.Stream, &e.Type, (*[16]byte)(&e.ID), &e.Data, &e.Metadata); err != nil {
			return err
		}
		t.event(&e)
		if visit != nil {
			visit(&e)
		}
	}
	return rows.Err()
}
