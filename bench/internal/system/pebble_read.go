package system

import (
	"context"

	"github.com/cockroachdb/pebble/v2"
)

func (s *pebbleLog) ReadAll(context.Context) (Tally, error) {
	return s.scan([]byte{'a'}, []byte{'b'}, func(t *Tally, v []byte) error { return t.record(v) })
}

func (s *pebbleLog) ReadStream(_ context.Context, stream string) (Tally, error) {
	from, to := streamRange(stream)
	return s.scan(from, to, func(t *Tally, key []byte) error {
		v, done, err := s.db.Get(key)
		if err != nil {
			return err
		}
		defer done.Close()
		return t.record(v)
	})
}

func (s *pebbleLog) scan(from, to []byte, visit func(*Tally, []byte) error) (t Tally, err error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return t, err
	}
	for it.First(); it.Valid() && err == nil; it.Next() {
		err = visit(&t, it.Value())
	}
	if closeErr := it.Close(); err == nil {
		err = closeErr
	}
	return t, err
}
