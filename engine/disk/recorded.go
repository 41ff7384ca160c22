package disk

import (
	"cmp"
	"hash/maphash"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
)

// An interner makes strings of bytes and remembers the latest, because the
// names in a log repeat. It is small enough to be part of every read, and takes
// nothing before it is used, as many reads wait for long.
type interner struct {
	types   string // the latest type
	streams []string
	size    int // of streams; zero means that of a read of the log
}

// How many names to remember in a read of the log, and of a stream.
const (
	logNames    = 64
	streamNames = 4
)

var hashSeed = maphash.MakeSeed()

func (n *interner) eventType(b []byte) string {
	if n.types != string(b) {
		n.types = n.stream(b)
	}
	return n.types
}

func (n *interner) stream(b []byte) string {
	if n.streams == nil {
		n.streams = make([]string, cmp.Or(n.size, logNames))
	}
	slot := &n.streams[maphash.Bytes(hashSeed, b)%uint64(len(n.streams))]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// record makes of a decoded event what a reader gets. The bytes stay where they
// are.
func (n *interner) record(e *frame.Event, r *cairn.Recorded) {
	r.ID, r.Type, r.Format = e.ID, n.eventType(e.Type), e.Format
	r.Data, r.Metadata = e.Data, e.Metadata
	r.Tags, r.Time = e.Tags(), e.When()
	r.Stream, r.Revision, r.Position = n.stream(e.Stream), e.Revision, e.Position
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
