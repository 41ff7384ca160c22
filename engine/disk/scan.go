package disk

import (
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// A scan reads the log forward, frame by frame, in large blocks. What it
// returns points into a block, and a block is never used again: that is how a
// reader's bytes are its own at the price of an allocation for hundreds. For
// the same reason what is in memory is copied.
type scan struct {
	store *Store
	from  address // of the frame returned last
	at    address // of the next one; zero if it is not known
	ahead int     // how much to read at once

	block   []byte
	blockAt address
	trusted bool // the block comes from memory
}

// rest lets go of what was read, before a long wait.
func (c *scan) rest() { c.block, c.ahead = nil, 0 }

const (
	firstBlock = 8 << 10
	largeBlock = 64 << 10
)

// frame finds the frame that position p lies in, which must be durable. trusted
// says that the sums of its events need no check.
func (c *scan) frame(p cairn.Position, f *frame.Span) (trusted bool, err error) {
	if c.at == 0 {
		place, err := c.store.locate(p)
		if err != nil {
			return false, err
		}
		c.at = place.Address
	}
	for {
		b, trusted, err := c.frameAt(c.at)
		if err != nil {
			return false, err
		}
		if b == nil {
			next, first, ok := c.store.log.Next(c.at)
			if !ok || first > p {
				return false, c.store.corrupt(c.at, p, "there is no frame here")
			}
			c.at = next
			continue
		}
		// What is returned is checked event by event, with its position.
		if err := frame.Read(b, c.store.epoch, f); err != nil {
			return false, c.store.corrupt(c.at, p, err.Error())
		}
		if f.First > p {
			return false, c.store.corrupt(c.at, p, fmt.Sprintf("the frame here begins with position %d", f.First))
		}
		c.from, c.at = c.at, c.at+uint64(f.Length)
		if f.Last() >= p {
			return trusted, nil
		}
	}
}

// frameAt returns the bytes of the frame at an address, and perhaps more; nil
// if no frame begins there. trusted says that their sums need no check.
func (c *scan) frameAt(at address) (b []byte, trusted bool, err error) {
	b, err = c.bytes(at, frame.FixedSize)
	if err != nil || len(b) < frame.FixedSize {
		return nil, false, err
	}
	n, ok := frame.Length(b, c.store.epoch)
	if !ok {
		return nil, false, c.blank(at, b)
	}
	if len(b) < n {
		b, err = c.bytes(at, n)
	}
	return b, c.trusted, err
}

// blank checks that what is not a frame is the zeros behind the last one.
func (c *scan) blank(at address, b []byte) error {
	for _, v := range b[:frame.FixedSize] {
		if v != 0 {
			return c.store.corrupt(at, 0, "these bytes are neither a frame nor zeros")
		}
	}
	return nil
}

// bytes returns n bytes from an address on, or more that happen to be at hand,
// or fewer if the log ends.
func (c *scan) bytes(at address, n int) ([]byte, error) {
	if at >= c.blockAt && at-c.blockAt+uint64(n) <= uint64(len(c.block)) {
		return c.block[at-c.blockAt:], nil
	}
	c.ahead = min(max(2*c.ahead, firstBlock), largeBlock)
	if m := c.store.tail.covering(at); m != nil {
		rest := m.buf[at-m.at:]
		c.block, c.blockAt, c.trusted = slices.Clone(rest[:min(len(rest), max(n, c.ahead))]), at, true
		return c.block, nil
	}
	block, err := c.store.read(at, max(n, c.ahead))
	c.block, c.blockAt, c.trusted = block, at, false
	return block, err
}

// decode decodes an event of the frame returned last.
func (c *scan) decode(b []byte, p cairn.Position, trusted bool, e *frame.Event) (rest []byte, err error) {
	if trusted {
		return frame.Trusted(b, p, e)
	}
	if rest, err = frame.Decode(b, c.store.epoch, p, e); err != nil {
		err = c.store.corrupt(c.from, p, err.Error())
	}
	return rest, err
}

// locate finds a frame that begins at or before position p, and not far.
func (s *Store) locate(p cairn.Position) (index.Place, error) {
	if c := s.tail.holding(p); c != nil {
		return index.Place{Position: c.first, Address: c.at}, nil
	}
	part, first, ok := s.log.Part(p)
	mark, marked, err := s.markAt(p)
	switch {
	case err != nil:
		return index.Place{}, err
	case marked && mark.Address > part:
		return mark, nil
	case ok:
		return index.Place{Position: first, Address: part}, nil
	}
	return index.Place{}, s.corrupt(0, p, "no segment holds this position")
}

func (s *Store) markAt(p cairn.Position) (index.Place, bool, error) {
	if mark, ok := s.indexer.recent.markAt(p); ok {
		return mark, true, nil
	}
	s.use.RLock()
	defer s.use.RUnlock()
	if s.shut {
		return index.Place{}, false, cairn.ErrClosed
	}
	return s.index.Mark(p)
}

// corrupt describes damage at an address.
func (s *Store) corrupt(at address, p cairn.Position, problem string) error {
	path, offset := s.log.Where(at)
	return &cairn.CorruptError{
		Path: path, Offset: offset, Position: p, Problem: problem,
		Hint: "run a verification to see how far it goes, and restore the file from a backup",
	}
}
