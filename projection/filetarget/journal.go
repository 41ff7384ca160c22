package filetarget

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"

	"github.com/cairndb/cairn"
)

// A record of the journal is one update: a head of 12 bytes, little endian, and what
// it announces.
//
//	4 bytes  length of what follows the head
//	4 bytes  CRC-32C of that
//	4 bytes  CRC-32C of the eight bytes before
//	JSON     the record but for its rows, with an end of line
//	NDJSON   the rows, table by table in the order of the record
//
// The journal begins empty, and a record is synced before the next one is written.
// Hence the last one only can be incomplete.
type record struct {
	Put   map[string]string   `json:"put,omitempty"`
	Make  map[string][]Column `json:"make,omitempty"`
	Rows  []chunk             `json:"rows,omitempty"`
	lines map[string][]byte
	known map[string][]Column // what the rows were made for
}

// A chunk is the rows of one table in a record.
type chunk struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Bytes int    `json:"bytes"`
}

const headSize = 12

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

func hexadecimal(b []byte) string { return fmt.Sprintf("%08x", checksum(b)) }

// encode returns the record as it is written.
func (r *record) encode() ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	b := append(make([]byte, headSize, headSize+len(text)+1), text...)
	b = append(b, '\n')
	for _, c := range r.Rows {
		b = append(b, r.lines[c.Table]...)
	}
	body := b[headSize:]
	if int64(len(body)) > 1<<31 {
		return nil, &cairn.InvalidError{Field: "rows", Problem: "those of one update must not be larger than 2 GiB", Limit: 1 << 31}
	}
	binary.LittleEndian.PutUint32(b, uint32(len(body)))
	binary.LittleEndian.PutUint32(b[4:], checksum(body))
	binary.LittleEndian.PutUint32(b[8:], checksum(b[:8]))
	return b, nil
}

// replay gives the records of a journal to apply. It leaves an incomplete one at the
// end out, as if it had never been written. One that is followed by a whole one is
// damage.
func replay(name string, data []byte, apply func(*record) error) error {
	for at := 0; at < len(data); {
		body, ok := whole(data[at:])
		if !ok {
			return torn(name, data, at)
		}
		r, err := decode(body)
		if err == nil {
			err = apply(r)
		}
		if err != nil {
			return corrupt(name, at, err.Error())
		}
		at += headSize + len(body)
	}
	return nil
}

// whole returns what the record at the beginning of b holds, if that is all there.
func whole(b []byte) ([]byte, bool) {
	if len(b) < headSize || checksum(b[:8]) != binary.LittleEndian.Uint32(b[8:]) {
		return nil, false
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if int64(len(b)-headSize) < n {
		return nil, false
	}
	body := b[headSize : headSize+n]
	return body, checksum(body) == binary.LittleEndian.Uint32(b[4:])
}

// torn looks behind a record that is not whole for one that is.
func torn(name string, data []byte, at int) error {
	for i := at + 1; i+headSize <= len(data); i++ {
		if body, ok := whole(data[i:]); ok && len(body) > 0 {
			return corrupt(name, at, "a record is damaged that later ones follow")
		}
	}
	return nil
}

func corrupt(name string, at int, problem string) error {
	return &cairn.CorruptError{Path: name, Offset: int64(at), Problem: problem,
		Hint: "bring the directory back from a copy, or remove it and build the projections anew: the log has everything"}
}

// decode is the opposite of encode.
func decode(body []byte) (*record, error) {
	end := slices.Index(body, '\n')
	if end < 0 {
		return nil, errors.New("a record has no end of line")
	}
	r := &record{lines: map[string][]byte{}}
	if err := json.Unmarshal(body[:end], r); err != nil {
		return nil, err
	}
	rest := body[end+1:]
	for _, c := range r.Rows {
		if c.Bytes < 0 || c.Bytes > len(rest) || c.Rows <= 0 {
			return nil, fmt.Errorf("table %q cannot have %d rows of %d bytes", c.Table, c.Rows, c.Bytes)
		}
		r.lines[c.Table], rest = rest[:c.Bytes], rest[c.Bytes:]
	}
	if len(rest) > 0 {
		return nil, errors.New("a record has more rows than it says")
	}
	for _, table := range slices.Sorted(maps.Keys(r.Make)) {
		if err := checkColumns(r.Make[table]); err != nil {
			return nil, err
		}
	}
	return r, nil
}
