package system

import (
	"context"

	"github.com/cockroachdb/pebble/v2"
)

func (s *pebbleLog) ReadAll(context.Context) (Tally, error) {
	return s.scan([]byte{'a'}, []byte{'b'}, (*Tally).record)
}

func (s *pebbleLog) ReadStream(_ context.Context, stream string) (Tally, error) {
	from, to := streamRange(stream)
	return s.scan(from, to, func(t *Tally, _, key []byte) error {
		v, done, err := s.db.Get(key)
		if err != nil {
			return err
		}
		defer done.Close()
		return t.record(key, v)
	})
}

func (s *pebbleLog) scan(from, to []byte, visit func(t *Tally, key, value []byte) error) (t Tally, err error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return t, err
	}
	for it.First(); it.Valid() && err == nil; it.Next() {
		err = visit(&t, it.Key(), it.Value())
	}
	if closeErr := it.Close(); err == nil {
		err = closeErr
	}
	return t, err
}
