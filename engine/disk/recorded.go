package disk

import (
	"hash/maphash"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
)

// An interner makes strings of bytes and remembers the latest, because the
// names in a log repeat. It is small enough to be part of every read.
type interner struct {
	types   string // the latest type
	streams [64]string
}

var hashSeed = maphash.MakeSeed()

func (n *interner) eventType(b []byte) string {
	if n.types != string(b) {
		n.types = n.stream(b)
	}
	return n.types
}

func (n *interner) stream(b []byte) string {
	slot := &n.streams[maphash.Bytes(hashSeed, b)%uint64(len(n.streams))]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// record makes of a decoded event what a reader gets. The bytes stay where they
// are.
func (n *interner) record(e *frame.Event) cairn.Recorded {
	return cairn.Recorded{
		Event: cairn.Event{
			ID: e.ID, Type: n.eventType(e.Type), Data: e.Data, Metadata: e.Metadata,
			Format: e.Format, Tags: e.Tags(), Time: e.When(),
		},
		Stream: n.stream(e.Stream), Revision: e.Revision, Position: e.Position,
	}
}

// read reads the log, unless the store is closed.
func (s *Store) read(at address, n int) ([]byte, error) {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.shut {
		return nil, cairn.ErrClosed
	}
	return s.log.Read(at, n)
}
