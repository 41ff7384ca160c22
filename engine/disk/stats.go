package disk

import (
	"context"
	"errors"

	"github.com/cairndb/cairn"
)

// Stats describe what a store holds.
type Stats struct {
	Store      cairn.ID       `json:"store"`
	Head       cairn.Position `json:"head"`
	Events     uint64         `json:"events"`
	Streams    uint64         `json:"streams"`
	Segments   int            `json:"segments"`
	LogBytes   int64          `json:"log_bytes"`   // of the events and their framing
	DiskBytes  int64          `json:"disk_bytes"`  // of the log's files, with what is prepared ahead
	IndexBytes int64          `json:"index_bytes"` // of the index's files
	Categories []Count        `json:"categories"`  // by name
	Types      []Count        `json:"types"`       // by name
}

// A Count says how many events and streams a category or type has.
type Count struct {
	Name    string `json:"name"`
	Events  uint64 `json:"events"`
	Streams uint64 `json:"streams,omitempty"` // of a category
}

// Stats counts what the store holds. The counts are kept by the index, so this
// costs as much as there are categories and types.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	return Stats{}, errors.ErrUnsupported
}
