package system

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite"

	"github.com/cairndb/cairn"
)

// A sqliteLog is one table in WAL mode with synchronous=FULL: a transaction is
// durable when it has been committed. Appends that are waiting share one.
type sqliteLog struct {
	writer, reader *sql.DB
	first, more    *sql.Stmt // of writer
	all, of, typed *sql.Stmt // of reader
	appends        *queue[request]
}

const (
	sqliteSchema = `
CREATE TABLE IF NOT EXISTS events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  stream TEXT NOT NULL, revision INTEGER NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL,
  data BLOB, metadata BLOB, time INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS events_stream ON events (stream, revision);`

	insertEvent = "INSERT INTO events (stream, revision, id, type, data, metadata, time) "
	insertFirst = insertEvent + `SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
WHERE coalesce((SELECT max(revision) FROM events WHERE stream = ?1), -1) = ?2 - 1`
	insertMore = insertEvent + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"

	selectEvents = "SELECT position, stream, revision, id, type, data, metadata, time FROM events "
)

func openSQLite(ctx context.Context, o Options) (System, error) {
	dsn := "file:" + filepath.Join(o.Dir, "events.db") +
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_pragma=cache_size(-262144)"
	s := &sqliteLog{}
	s.appends = newQueue(s.commit)
	if err := s.open(ctx, dsn); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *sqliteLog) open(ctx context.Context, dsn string) (err error) {
	if s.writer, err = sql.Open("sqlite", dsn); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if _, err := s.writer.ExecContext(ctx, sqliteSchema); err != nil {
		return err
	}
	if s.reader, err = sql.Open("sqlite", dsn); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(1)
	for _, p := range []struct {
		to  **sql.Stmt
		db  *sql.DB
		sql string
	}{
		{&s.first, s.writer, insertFirst},
		{&s.more, s.writer, insertMore},
		{&s.all, s.reader, selectEvents + "ORDER BY position"},
		{&s.of, s.reader, selectEvents + "WHERE stream = ? ORDER BY revision"},
		{&s.typed, s.reader, selectEvents + "WHERE type = ? ORDER BY position"},
	} {
		if *p.to, err = p.db.PrepareContext(ctx, p.sql); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqliteLog) Append(_ context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	r := &request{stream: stream, expected: expected, events: events}
	return result(s.appends.do(r), r)
}

// commit stores a group in one transaction. A conflict is the request's own.
func (s *sqliteLog) commit(group []*request) error {
	tx, err := s.writer.Begin()
	if err != nil {
		return err
	}
	first, more := tx.Stmt(s.first), tx.Stmt(s.more)
	for _, r := range group {
		if r.err = insert(first, more, r); r.err != nil && !isConflict(r.err) {
			return errors.Join(r.err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// insert stores nothing if the stream stands elsewhere, which the statement of
// the first event finds out.
func insert(first, more *sql.Stmt, r *request) error {
	now, statement := time.Now().UnixNano(), first
	for i := range r.events {
		e := &r.events[i]
		res, err := statement.Exec(r.stream, int64(r.expected)+1+int64(i), e.ID[:], e.Type, e.Data, e.Metadata, now)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, conflict(r.stream, r.expected, cairn.Any))
		}
		statement = more
	}
	return nil
}

func (s *sqliteLog) Close() (err error) {
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}
