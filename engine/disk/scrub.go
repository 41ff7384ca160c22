package disk

import (
	"context"
	"errors"
	"time"
)

// Scrub does to a store that is open what [Verify] does to one that is not,
// while others read and write: it reads everything that is durable when it
// begins, checks all checksums, revisions and positions, and compares the index
// with the log. It changes nothing, reads from the disk and not what is kept in
// memory, takes no lock that a write waits for, and rests for as long as it
// works.
//
// Progress, which may be nil, is called now and then with how many of how many
// bytes of the log have been read. What is wrong is in the report's Problems and
// is no error; the error says why not all was read, as when ctx ends or the store
// is closed. Any number may run at the same time.
func (s *Store) Scrub(ctx context.Context, progress func(done, total int64)) (Report, error) {
	if err := s.interrupted(ctx); err != nil {
		return Report{}, err
	}
	end := s.durable()
	if end == 0 {
		return Report{Store: s.ID}, nil // nothing was ever written
	}
	beside := s.beside(end)
	v := newVerifier(beside, progress)
	v.end, v.known, v.pace.ctx = end, v.report.IndexReached, ctx
	v.proceed = func() error { return s.interrupted(ctx) }
	report, err := v.run()
	if why := s.interrupted(ctx); err != nil && why != nil {
		err = why // and not what that has led to
	}
	return report, errors.Join(err, beside.log.Close())
}

// durable is where the log ends for now.
func (s *Store) durable() address {
	if s.opts.ReadOnly {
		return s.end // which never moves
	}
	return s.segments.end.Load()
}

// beside is the store up to an address, to be read from its files: they are
// opened once more, so that reading all of them does not push those out of the
// ring that others read, and nothing is taken from the tail.
func (s *Store) beside(end address) *Store {
	l := &segments{directory: s.dir, id: s.ID, limit: s.segments.limit}
	l.ring.limit = 1
	l.end.Store(end)
	newest, _ := split(end)
	var list []*segment
	for _, of := range s.segments.all() {
		if of.ordinal <= newest { // one that was begun since holds nothing yet
			list = append(list, &segment{ordinal: of.ordinal, first: of.first, path: of.path})
		}
	}
	l.list.Store(&list)
	return &Store{manifest: s.manifest, dir: s.dir, epoch: s.epoch, opts: s.opts, logger: s.logger, log: l, segments: l, tail: &tail{}, index: s.index}
}

// A pace lets a pass over an open store rest, so that it takes no more than half
// of a processor and of what the disk can read, and writes get the rest. The zero
// pace never rests.
type pace struct {
	ctx  context.Context // ends a rest; nil for no rests
	from time.Time       // since when there was none
	work int             // and what was done, in bytes
}

const (
	paceWork  = 1 << 20     // bytes after which to rest
	paceRest  = time.Second // at most: the disk was busy with others
	entryWork = 128         // bytes that are as much work as an entry of the index
)

func (p *pace) begin() { p.from = time.Now() }

// worked notes so many bytes of work, and rests when that is due.
func (p *pace) worked(bytes int) {
	if p.work += bytes; p.ctx == nil || p.work < paceWork {
		return
	}
	rest := time.NewTimer(min(time.Since(p.from), paceRest))
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-p.ctx.Done():
	}
	p.from, p.work = time.Now(), 0
}
