package system

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// A record is how an event is stored by the systems that keep plain bytes:
// ID, revision, time, lengths of the four parts that follow, stream, type,
// metadata, data.
const recordHeader = 16 + 8 + 8 + 2 + 2 + 4 + 4

func appendRecord(b []byte, stream string, revision cairn.Revision, nanos int64, e *cairn.Event) []byte {
	b = append(b, e.ID[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(revision))
	b = binary.LittleEndian.AppendUint64(b, uint64(nanos))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(stream)))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(e.Type)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Metadata)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Data)))
	b = append(b, stream...)
	b = append(b, e.Type...)
	b = append(b, e.Metadata...)
	return append(b, e.Data...)
}

var errShort = errors.New("system: a stored record is too short")

// decodeRecord is the inverse of appendRecord. The event's bytes are copied.
func decodeRecord(b []byte, position uint64) (r cairn.Recorded, err error) {
	if len(b) < recordHeader {
		return r, errShort
	}
	stream, eventType := int(binary.LittleEndian.Uint16(b[32:])), int(binary.LittleEndian.Uint16(b[34:]))
	metadata, data := int(binary.LittleEndian.Uint32(b[36:])), int(binary.LittleEndian.Uint32(b[40:]))
	if len(b) != recordHeader+stream+eventType+metadata+data {
		return r, errShort
	}
	r.ID = cairn.ID(b[:16])
	r.Revision, r.Position = cairn.Revision(binary.LittleEndian.Uint64(b[16:])), cairn.Position(position)
	r.Time = time.Unix(0, int64(binary.LittleEndian.Uint64(b[24:]))).UTC()
	b = b[recordHeader:]
	r.Stream, r.Type = string(b[:stream]), string(b[stream:stream+eventType])
	own := bytes.Clone(b[stream+eventType:])
	r.Metadata, r.Data = own[:metadata:metadata], own[metadata:]
	return r, nil
}

// record decodes and counts a record.
func (t *Tally) record(key, b []byte) error {
	r, err := decodeRecord(b, lastUint64(key))
	t.event(&r)
	return err
}

// The keys of the key-value stores: a position, and a revision of a stream.
// Streams in this benchmark hold no zero byte, which ends their names in a key.
func positionKey(p uint64) []byte { return binary.BigEndian.AppendUint64([]byte{'a'}, p) }

func streamPrefix(stream string) []byte {
	b := make([]byte, 0, len(stream)+10)
	b = append(append(b, 's'), stream...)
	return append(b, 0)
}

func revisionKey(stream string, r cairn.Revision) []byte {
	return binary.BigEndian.AppendUint64(streamPrefix(stream), uint64(r))
}

func lastUint64(key []byte) uint64 { return binary.BigEndian.Uint64(key[len(key)-8:]) }

func conflict(stream string, expected, actual cairn.Revision) error {
	return fmt.Errorf("%w", &cairn.ConflictError{Stream: stream, Expected: expected, Actual: actual})
}
