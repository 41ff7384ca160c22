package disk

import (
	"context"
	"errors"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// VerifyOptions are the settings of Verify.
type VerifyOptions struct {
	FS vfs.FS // nil means the operating system's

	// Progress is called now and then with how many of how many bytes have
	// been read.
	Progress func(done, total int64)
}

// A Report says what Verify has read.
type Report struct {
	Store    cairn.ID       `json:"store"`
	Segments int            `json:"segments"`
	Bytes    int64          `json:"bytes"`
	Batches  uint64         `json:"batches"`
	Events   uint64         `json:"events"`
	Head     cairn.Position `json:"head"`
	Streams  uint64         `json:"streams"`

	// TornBytes is how many bytes at the end of the log belong to a write that
	// was cut off by a crash, was never acknowledged, and is dropped by the
	// next Open. That is no damage.
	TornBytes int64 `json:"torn_bytes"`

	// IndexEntries is how many entries of the index were compared with the
	// log, and IndexReached the position up to which the index has come; Open
	// feeds it the rest.
	IndexEntries uint64         `json:"index_entries"`
	IndexReached cairn.Position `json:"index_reached"`

	// Problems is everything that is wrong, in the order in which it was
	// found; log problems are [*cairn.CorruptError]s.
	Problems []error `json:"-"`
}

// Verify reads everything in a store that no process has open, checks all
// checksums, revisions and positions, and compares the index with the log. It
// changes nothing. The error joins the report's Problems, or says why it could
// not look.
func Verify(ctx context.Context, dir string, o *VerifyOptions) (Report, error) {
	return Report{}, errors.ErrUnsupported
}
