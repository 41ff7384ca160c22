package system

import (
	"context"
	"iter"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cairndb/cairn"
)

// A pebbleLog keeps events by position, and positions by stream and revision.
// An append is one batch with Sync, which Pebble commits in groups itself. The
// heads of streams are kept in memory, each under a lock that its append holds.
type pebbleLog struct {
	db       *pebble.DB
	cache    *pebble.Cache
	position atomic.Uint64

	mu    sync.Mutex
	heads map[string]*pebbleHead
}

type pebbleHead struct {
	mu       sync.Mutex
	known    bool
	revision cairn.Revision
}

func openPebble(_ context.Context, o Options) (System, error) {
	s := &pebbleLog{cache: pebble.NewCache(256 << 20), heads: map[string]*pebbleHead{}}
	db, err := pebble.Open(filepath.Join(o.Dir, "pebble"), &pebble.Options{
		Cache:        s.cache,
		MemTableSize: 64 << 20,
		Logger:       silent{},
	})
	if err != nil {
		return nil, err
	}
	s.db = db
	last, err := s.last([]byte{'a'}, []byte{'b'})
	if last != nil {
		s.position.Store(lastUint64(last))
	}
	return s, err
}

// last returns the last key in a range, or nil.
func (s *pebbleLog) last(from, to []byte) ([]byte, error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return nil, err
	}
	var key []byte
	if it.Last() {
		key = append(key, it.Key()...)
	}
	return key, it.Close()
}

func (s *pebbleLog) Append(_ context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	h := s.head(stream)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := s.know(h, stream); err != nil {
		return err
	}
	if h.revision != expected {
		return conflict(stream, expected, h.revision)
	}
	b := s.db.NewBatch()
	defer b.Close()
	if err := s.put(b, stream, expected, events); err != nil {
		return err
	}
	if err := b.Commit(pebble.Sync); err != nil {
		return err
	}
	h.revision = expected + cairn.Revision(len(events))
	return nil
}

func (s *pebbleLog) head(stream string) *pebbleHead {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.heads[stream]
	if h == nil {
		h = new(pebbleHead)
		s.heads[stream] = h
	}
	return h
}

// know looks up where a stream stands that was not written to since Open.
func (s *pebbleLog) know(h *pebbleHead, stream string) error {
	if h.known {
		return nil
	}
	from, to := streamRange(stream)
	key, err := s.last(from, to)
	h.known, h.revision = err == nil, cairn.NoStream
	if key != nil {
		h.revision = cairn.Revision(lastUint64(key))
	}
	return err
}

func streamRange(stream string) (from, to []byte) {
	from, to = streamPrefix(stream), streamPrefix(stream)
	to[len(to)-1] = 1
	return from, to
}

func (s *pebbleLog) put(b *pebble.Batch, stream string, head cairn.Revision, events []cairn.Event) error {
	now := time.Now().UnixNano()
	for i := range events {
		head++
		key := positionKey(s.position.Add(1))
		if err := b.Set(key, appendRecord(nil, stream, head, now, &events[i]), nil); err != nil {
			return err
		}
		if err := b.Set(revisionKey(stream, head), key, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *pebbleLog) Load(_ context.Context, chunks iter.Seq[[]cairn.Write]) error {
	for writes := range chunks {
		b := s.db.NewBatch()
		for _, w := range writes {
			if err := s.put(b, w.Stream, w.Expected, w.Events); err != nil {
				return err
			}
		}
		if err := b.Commit(pebble.NoSync); err != nil {
			return err
		}
	}
	return s.db.Flush()
}

func (s *pebbleLog) Close() error {
	defer s.cache.Unref()
	return s.db.Close()
}

// silent drops what Pebble logs about its work; failures come as errors.
type silent struct{}

func (silent) Infof(string, ...any)  {}
func (silent) Errorf(string, ...any) {}
func (silent) Fatalf(format string, args ...any) {
	panic("pebble: " + format)
}
