package disk

import (
	"hash/maphash"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// An interner makes strings of bytes and remembers the latest, because the
// names in a log repeat. It is small enough to be part of every read.
type interner [64]string

var hashSeed = maphash.MakeSeed()

func (n *interner) get(b []byte) string {
	slot := &n[maphash.Bytes(hashSeed, b)%uint64(len(n))]
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
			ID: e.ID, Type: n.get(e.Type), Data: e.Data, Metadata: e.Metadata,
			Format: e.Format, Tags: e.Tags(), Time: e.When(),
		},
		Stream: n.get(e.Stream), Revision: e.Revision, Position: e.Position,
	}
}

// recorded reads the event at a place.
func (w *window) recorded(p index.Place, n *interner) (cairn.Recorded, error) {
	var e frame.Event
	if err := w.event(p, &e); err != nil {
		return cairn.Recorded{}, err
	}
	return n.record(&e), nil
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
