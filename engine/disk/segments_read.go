package disk

import (
	"github.com/cairndb/cairn/internal/frame"
)

// Read reads nothing that is being written: a reader keeps what it has read
// ahead, and must not take it for what comes to be there.
func (l *segments) Read(at address, n int) ([]byte, error) {
	ordinal, offset := split(at)
	s := l.segment(ordinal)
	if s == nil {
		return nil, nil
	}
	if last, end := split(l.end.Load()); last == ordinal && end > 0 {
		n = int(min(int64(n), max(0, end-offset)))
	}
	if err := l.pin(s); err != nil {
		return nil, err
	}
	defer s.unpin()
	return s.read(offset, n)
}

func (l *segments) Event(at address, a *arena) ([]byte, error) {
	ordinal, offset := split(at)
	s := l.segment(ordinal)
	if s == nil {
		return nil, nil
	}
	if err := l.pin(s); err != nil {
		return nil, err
	}
	defer s.unpin()
	if b, ok := copyEvent(s.memory(offset), a); ok {
		return b, nil
	}
	b, err := s.read(offset, eventGuess)
	if err != nil {
		return nil, err
	}
	if n, ok := frame.Size(b); ok && n > len(b) {
		return s.read(offset, n)
	}
	return b, nil
}

// eventGuess is how much to read to get most events at once.
const eventGuess = 1 << 10
