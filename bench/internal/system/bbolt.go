package system

import (
	"bytes"
	"context"
	"encoding/binary"
	"iter"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/cairndb/cairn"
)

// A boltLog keeps events by position, positions by stream and revision, and
// the last revision of each stream.
type boltLog struct {
	db     *bolt.DB
	update func(*request) error
}

var (
	allBucket     = []byte("all")
	streamsBucket = []byte("streams")
	headsBucket   = []byte("heads")
)

// openBboltGrouped commits the appends that are waiting in one transaction.
func openBboltGrouped(_ context.Context, o Options) (System, error) {
	s, err := openBolt(o)
	if err != nil {
		return nil, err
	}
	appends := newQueue(func(group []*request) error {
		return s.db.Update(func(tx *bolt.Tx) error { return s.putGroup(tx, group) })
	})
	s.update = func(r *request) error { return result(appends.do(r), r) }
	return s, nil
}

// openBboltBatch leaves grouping to bbolt, with a delay that fits the device
// (the default, 10 ms, is fifty syncs here) and a size that half the writers fill.
func openBboltBatch(_ context.Context, o Options) (System, error) {
	s, err := openBolt(o)
	if err != nil {
		return nil, err
	}
	s.db.MaxBatchDelay = 200 * time.Microsecond
	s.db.MaxBatchSize = max(o.Writers/2, 1)
	s.update = func(r *request) error {
		return s.db.Batch(func(tx *bolt.Tx) error { return put(tx, r) })
	}
	return s, nil
}

func openBolt(o Options) (*boltLog, error) {
	db, err := bolt.Open(filepath.Join(o.Dir, "events.bolt"), 0o644, &bolt.Options{FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	return &boltLog{db: db}, db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{allBucket, streamsBucket, headsBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *boltLog) Append(_ context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	return s.update(&request{stream: stream, expected: expected, events: events})
}

// putGroup fails for what bbolt cannot store; a conflict is the request's own.
func (s *boltLog) putGroup(tx *bolt.Tx, group []*request) error {
	for _, r := range group {
		if r.err = put(tx, r); r.err != nil && !isConflict(r.err) {
			return r.err
		}
	}
	return nil
}

// put changes nothing if the stream stands elsewhere.
func put(tx *bolt.Tx, r *request) error {
	all, streams, heads := tx.Bucket(allBucket), tx.Bucket(streamsBucket), tx.Bucket(headsBucket)
	all.FillPercent = 0.95 // positions only ever grow
	head := cairn.NoStream
	if v := heads.Get([]byte(r.stream)); v != nil {
		head = cairn.Revision(binary.BigEndian.Uint64(v))
	}
	if head != r.expected {
		return conflict(r.stream, r.expected, head)
	}
	now := time.Now().UnixNano()
	for i := range r.events {
		head++
		position, err := all.NextSequence()
		if err != nil {
			return err
		}
		key := positionKey(position)
		if err := all.Put(key, appendRecord(nil, r.stream, head, now, &r.events[i])); err != nil {
			return err
		}
		if err := streams.Put(revisionKey(r.stream, head), key); err != nil {
			return err
		}
	}
	return heads.Put([]byte(r.stream), binary.BigEndian.AppendUint64(nil, uint64(head)))
}

func (s *boltLog) Load(_ context.Context, chunks iter.Seq[[]cairn.Write]) error {
	for writes := range chunks {
		err := s.db.Update(func(tx *bolt.Tx) error {
			for _, w := range writes {
				if err := put(tx, &request{stream: w.Stream, expected: w.Expected, events: w.Events}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *boltLog) ReadAll(context.Context) (t Tally, err error) {
	return t, s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(allBucket).ForEach(func(k, v []byte) error { return t.record(k, v) })
	})
}

func (s *boltLog) ReadStream(_ context.Context, stream string) (t Tally, err error) {
	prefix := streamPrefix(stream)
	return t, s.db.View(func(tx *bolt.Tx) error {
		all, c := tx.Bucket(allBucket), tx.Bucket(streamsBucket).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if err := t.record(v, all.Get(v)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *boltLog) Close() error { return s.db.Close() }
