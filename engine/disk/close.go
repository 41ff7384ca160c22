package disk

import (
	"errors"

	"github.com/cairndb/cairn"
)

// Close implements [cairn.Store]. It waits for writes under way, ends
// followers, and makes the index durable, so that the next Open has nothing to
// catch up with.
func (s *Store) Close() error {
	s.once.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Store) close() error {
	s.ended.Store(true)
	s.commits.close()
	s.watchers.close()
	s.use.Lock()
	s.shut = true
	s.use.Unlock()
	err := s.indexer.close()
	s.indexer.processed.close(cairn.ErrClosed)
	return errors.Join(err, s.release())
}

// release gives back what open took, as far as it came.
func (s *Store) release() error {
	var errs []error
	if s.index != nil {
		errs = append(errs, s.index.Close())
	}
	if s.log != nil {
		errs = append(errs, s.log.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
