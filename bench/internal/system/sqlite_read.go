package system

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"github.com/cairndb/cairn"
)

func (s *sqliteLog) Load(ctx context.Context, chunks iter.Seq[[]cairn.Write]) error {
	for writes := range chunks {
		group := make([]*request, len(writes))
		for i, w := range writes {
			group[i] = &request{stream: w.Stream, expected: w.Expected, events: w.Events}
		}
		if err := s.commit(group); err != nil {
			return err
		}
	}
	_, err := s.writer.ExecContext(ctx, "CREATE INDEX events_type ON events (type, position); ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

func (s *sqliteLog) ReadAll(ctx context.Context) (Tally, error) { return scan(s.all.QueryContext(ctx)) }

func (s *sqliteLog) ReadStream(ctx context.Context, stream string) (Tally, error) {
	return scan(s.of.QueryContext(ctx, stream))
}

func (s *sqliteLog) ReadType(ctx context.Context, eventType string) (Tally, error) {
	return scan(s.typed.QueryContext(ctx, eventType))
}

func scan(rows *sql.Rows, err error) (t Tally, _ error) {
	if err != nil {
		return t, err
	}
	defer rows.Close()
	for rows.Next() {
		var e cairn.Recorded
		var id sql.RawBytes
		var nanos int64
		if err := rows.Scan(&e.Position, &e.Stream, &e.Revision, &id, &e.Type, &e.Data, &e.Metadata, &nanos); err != nil {
			return t, err
		}
		copy(e.ID[:], id)
		e.Time = time.Unix(0, nanos).UTC()
		t.event(&e)
	}
	return t, rows.Err()
}
