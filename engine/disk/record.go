package disk

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// A record is what the engine has to know of a stream beyond its events: the
// digest of its metadata, and whether it is closed. The index keeps it; a
// stream that never had metadata and was never deleted has none.
type record struct {
	metaLast   cairn.Revision // of the metadata stream
	metadata   index.Place    // of the metadata event in force; zero if there is none
	truncate   cairn.Revision // "$tb"
	maxCount   int64
	maxAge     time.Duration
	tombstone  index.Place // of the event that closed the stream; zero if it is open
	tombstoned bool
}

// blank is the record of a stream that has none.
var blank = record{metaLast: cairn.NoStream}

func (r *record) softDeleted() bool { return r.truncate == cairn.TombstoneRevision }

// describe takes over what the metadata says.
func (r *record) describe(m *cairn.StreamMetadata) {
	r.truncate, r.maxCount, r.maxAge = m.TruncateBefore, m.MaxCount, m.MaxAge
}

// from is the first revision that truncation and count leave visible of a
// stream that stands at last.
func (r *record) from(last cairn.Revision) cairn.Revision {
	from := min(r.truncate, last+1)
	if r.maxCount > 0 {
		from = max(from, last+1-cairn.Revision(min(r.maxCount, int64(last)+1)))
	}
	return from
}

func (r *record) encode() []byte {
	b := binary.AppendVarint(nil, int64(r.metaLast))
	for _, v := range []uint64{
		uint64(r.metadata.Position), r.metadata.Address,
		uint64(r.truncate), uint64(r.maxCount), uint64(r.maxAge / time.Second),
		uint64(r.tombstone.Position), r.tombstone.Address,
	} {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

func decodeRecord(b []byte) (r record, err error) {
	meta, n := binary.Varint(b)
	var fields [7]uint64
	for i := range fields {
		if n <= 0 {
			break
		}
		b = b[n:]
		fields[i], n = binary.Uvarint(b)
	}
	if n <= 0 {
		return blank, fmt.Errorf("disk: a stream's record in the index is malformed; delete the %s directory, it is built again", indexDir)
	}
	return record{
		metaLast:   cairn.Revision(meta),
		metadata:   index.Place{Position: cairn.Position(fields[0]), Address: fields[1]},
		truncate:   cairn.Revision(fields[2]),
		maxCount:   int64(fields[3]),
		maxAge:     time.Duration(fields[4]) * time.Second,
		tombstone:  index.Place{Position: cairn.Position(fields[5]), Address: fields[6]},
		tombstoned: fields[5] > 0,
	}, nil
}
