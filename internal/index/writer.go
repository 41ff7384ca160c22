package index

import (
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// A writer is the state of Apply and Flush.
//
// Pebble would flush a memtable when it is full, and make writers wait, for as
// long as it takes, when flushes do not keep up. The index does both itself, to
// be able to say why it does not get on: it begins a flush for every flushSize
// bytes, has one flush under way at most, and when the next one is due before
// the last is done it waits for that or for bad news.
type writer struct {
	mu      sync.Mutex
	pending int             // bytes applied since the last flush began
	flushed <-chan struct{} // closed when the last flush is done; nil if there was none
}

// Apply indexes a batch and moves the checkpoint, both or neither. Nothing is
// on stable storage until Flush or some later Apply has put it there; a crash
// takes the index back to an earlier checkpoint and what belongs to it.
//
// An error means that nothing was applied. It matches [cairn.ErrNoSpace] when
// what is applied already waits for room on the disk; the same batch may be
// applied again later. A batch that was applied must not be used again.
func (x *Index) Apply(b *Batch, c Checkpoint) error {
	x.writer.mu.Lock()
	defer x.writer.mu.Unlock()
	if b.checkpoint(c); b.err != nil {
		return b.err
	}
	if err := x.makeRoom(b.size()); err != nil {
		return err
	}
	x.recent.add(b.names)
	if err := b.b.Commit(pebble.NoSync); err != nil {
		return x.report(err)
	}
	x.checkpoint.Store(&c)
	x.readers.outdate(all)
	x.readers.dropIdle()
	return b.applied()
}

// makeRoom begins a flush if one is due, waiting for the last one.
func (x *Index) makeRoom(size int) error {
	if x.isClosing() {
		return errClosed
	}
	if x.writer.pending += size; x.writer.pending < flushSize {
		return nil
	}
	err := x.await(x.writer.flushed, x.closing, func(p prognosis) error { return p.flushing })
	if err == nil {
		err = x.awaitCompaction()
	}
	if err == nil {
		err = x.beginFlush()
	}
	if err != nil {
		x.writer.pending -= size
	}
	return err
}

// Flush returns when all that was applied is on stable storage, or cannot be
// put there. In that case it is tried again in the background and by the next
// Flush.
func (x *Index) Flush() error {
	x.writer.mu.Lock()
	defer x.writer.mu.Unlock()
	if x.isClosing() {
		return errClosed
	}
	return x.flush(x.closing)
}

func (x *Index) flush(closing <-chan struct{}) error {
	known := x.health.look().failures
	if x.writer.pending > 0 {
		if err := x.beginFlush(); err != nil {
			return err
		}
	}
	return x.await(x.writer.flushed, closing, func(p prognosis) error {
		if p.stuck == nil && p.failures == known {
			return nil // the last attempt may have failed, this one has not yet
		}
		return p.flushing
	})
}

// beginFlush begins to flush all that was applied.
func (x *Index) beginFlush() error {
	flushed, err := x.db.AsyncFlush()
	if err != nil {
		return x.report(err)
	}
	x.recent.turn(isClosed(x.writer.flushed))
	x.writer.flushed, x.writer.pending = flushed, 0
	return nil
}

// await waits for a flush to be done. It gives up when the news are bad.
func (x *Index) await(flushed, closing <-chan struct{}, bad func(prognosis) error) error {
	for flushed != nil {
		p := x.health.look()
		select {
		case <-flushed:
			return nil
		default:
		}
		if err := bad(p); err != nil {
			return x.report(err)
		}
		select {
		case <-flushed:
			return nil
		case <-closing:
			return errClosed
		case <-p.changed:
		}
	}
	return nil
}

// awaitCompaction waits while too many flushes lie above each other.
func (x *Index) awaitCompaction() error {
	for {
		p := x.health.look()
		if sublevels, err := x.sublevels(); err != nil || sublevels < l0Stop || x.options.ReadOnly {
			return err
		}
		if p.compacting != nil {
			return x.report(p.compacting)
		}
		select {
		case <-x.closing:
			return errClosed
		case <-p.changed:
		}
	}
}

// sublevels returns how many flushes lie above each other. Pebble cannot tell
// while it writes its manifest, which may take until the index is closed.
func (x *Index) sublevels() (int, error) {
	answer := make(chan int, 1)
	x.tasks.Go(func() { answer <- int(x.db.Metrics().Levels[0].Sublevels) })
	for {
		p := x.health.look()
		if p.stuck != nil {
			return 0, x.report(p.stuck)
		}
		select {
		case n := <-answer:
			return n, nil
		case <-x.closing:
			return 0, errClosed
		case <-p.changed:
		}
	}
}

func (x *Index) isClosing() bool { return isClosed(x.closing) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
