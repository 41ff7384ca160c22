// Package snapshot keeps states that were folded from streams, so that a long
// stream need not be folded from its beginning again.
//
// A snapshot is a cache entry and nothing more. It can be thrown away at any
// moment, and it is never believed: it says to which event it belongs and how
// its state came about, it carries a checksum over all of that, and whoever uses
// it compares it with the stream. One that does not fit is as good as none.
package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/cairndb/cairn"
)

// A Snapshot is a state and what it was folded from. Its bytes are not changed
// once it is made.
type Snapshot struct {
	// Revision and Event say which event of the stream was folded last.
	Revision cairn.Revision
	Event    cairn.ID

	// First is the revision of the event that was folded first. A stream that
	// has been truncated since begins elsewhere, and so does its state.
	First cairn.Revision

	// Version names the types and functions that made the state. Another
	// version cannot use it.
	Version string

	State []byte

	// Sum is made by Seal.
	Sum []byte
}

// A Store keeps the latest snapshot of each stream. It may forget any of them at
// any time. Its methods may be called concurrently.
type Store interface {
	// Load returns the snapshot kept for a stream, and whether there is one.
	Load(ctx context.Context, stream string) (Snapshot, bool, error)

	// Save keeps the snapshot in place of any other of the stream.
	Save(ctx context.Context, stream string, s Snapshot) error
}

// Seal returns the snapshot with the checksum that makes it one of the stream.
func (s Snapshot) Seal(stream string) Snapshot {
	s.Sum = s.sum(stream)
	return s
}

// Sealed reports whether the snapshot is, byte for byte, one that was sealed
// for the stream.
func (s Snapshot) Sealed(stream string) bool { return string(s.Sum) == string(s.sum(stream)) }

// sum covers every field. Texts are preceded by their length, so that no two
// snapshots are summed over the same bytes.
func (s Snapshot) sum(stream string) []byte {
	b := make([]byte, 0, 64+len(stream)+len(s.Version))
	b = binary.BigEndian.AppendUint64(b, uint64(s.Revision))
	b = binary.BigEndian.AppendUint64(b, uint64(s.First))
	b = append(b, s.Event[:]...)
	for _, text := range []string{stream, s.Version} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
		b = append(b, text...)
	}
	h := sha256.New()
	h.Write(b)
	h.Write(s.State)
	return h.Sum(nil)
}
