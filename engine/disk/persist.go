package disk

import (
	"errors"
	"fmt"
	"time"
)

// persist makes a part durable and tells its group. It is called for one part
// after the other.
func (s *Store) persist(p *part) error {
	err := s.measured(p)
	switch {
	case err != nil:
		p.refuse(err)
	case p.last >= p.first:
		s.tail.push(&p.chunk)
		s.head.set(p.last)
	}
	close(p.group.done)
	if err == nil && p.last >= p.first {
		s.watchers.tell(p)
	}
	return err
}

// refuse gives every request the reason why the part is not stored, also those
// that were refused before: that may rest on what is not there, if it could not
// be taken back even on what never will be.
func (p *part) refuse(err error) {
	for _, r := range p.group.requests {
		r.err = err
	}
}

// measured writes a part and tells who asked to know.
func (s *Store) measured(p *part) error {
	if s.opts.OnCommit == nil {
		return s.write(p)
	}
	begin := time.Now()
	err := s.write(p)
	c := Commit{Batches: len(p.group.requests), Bytes: len(p.buf), Duration: time.Since(begin), Err: err}
	if err == nil && p.last >= p.first {
		c.Events = int(p.last-p.first) + 1
	}
	s.opts.OnCommit(c)
	return err
}

// write appends a part to the log. If the log refuses, nothing of it stays.
func (s *Store) write(p *part) error {
	// Also what is refused may be based on what could not be taken back.
	if err := s.writable(); err != nil || len(p.buf) == 0 {
		return err
	}
	s.indexer.in <- work{part: p} // it enters the part while that is being written
	err := s.log.Append(p.at, p.first, p.buf)
	if err == nil {
		s.end = p.end
		return nil
	}
	s.logger.Error("append to the log failed", "position", p.first, "bytes", len(p.buf), "err", err)
	if retreat := s.indexer.retreat(s.head.get(), s.end); retreat != nil {
		s.fail(retreat)
		return errors.Join(err, retreat)
	}
	return err
}

// writable says why nothing can be written, if so.
func (s *Store) writable() error {
	s.failure.Lock()
	failed := s.failed
	s.failure.Unlock()
	if failed != nil {
		return failed
	}
	if err := s.indexer.ready(); err != nil {
		return &RefusedError{fmt.Errorf("the index cannot take in more: %w", err)}
	}
	return nil
}

// fail makes every later write fail.
func (s *Store) fail(err error) {
	s.failure.Lock()
	defer s.failure.Unlock()
	if s.failed == nil {
		s.failed = &FailedError{Err: err}
	}
}
