package kurrent

import (
	"encoding/hex"
	"strconv"

	"github.com/cairndb/cairn"
)

// A shape is an event on its way to the wire, with the sizes that have to be
// known before its bytes are written.
type shape struct {
	*cairn.Recorded
	text bool // the ID is sent as text

	created [20]byte // digits of the time
	digits  int

	id   int // bytes of the UUID message
	name int // bytes of the stream identifier
	size int // bytes of the whole message
}

// sizeEntry is the size of an entry of the metadata map.
func sizeEntry(key, value int) int { return sizeBytes(key) + sizeBytes(value) }

// measure prepares to append an event.
func (s *shape) measure(e *cairn.Recorded, text bool) {
	s.Recorded, s.text = e, text
	s.digits = len(strconv.AppendInt(s.created[:0], e.Time.UnixNano()/100, 10))
	s.name = sizeBytes(len(e.Stream))
	s.id = s.sizeID()
	s.size = sizeBytes(s.id) + sizeBytes(s.name) +
		sizeNumber(uint64(e.Revision)) + 2*sizeNumber(uint64(e.Position)) +
		sizeBytes(sizeEntry(len(keyType), len(e.Type))) +
		sizeBytes(sizeEntry(len(keyCreated), s.digits)) +
		sizeBytes(sizeEntry(len(keyContentType), len(contentType(e.Format)))) +
		sizeGiven(e.Metadata) + sizeGiven(e.Data)
}

func (s *shape) sizeID() int {
	if s.text {
		return sizeBytes(36)
	}
	most, least := halves(s.ID)
	return sizeBytes(sizeNumber(most) + sizeNumber(least))
}

// sizeGiven is the size of a field that is left out if it is empty.
func sizeGiven(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	return sizeBytes(len(b))
}

// append appends the RecordedEvent message.
func (s *shape) append(b []byte) []byte {
	b = s.appendID(appendHeader(b, 1, s.id))
	b = appendBytes(appendHeader(b, 2, s.name), 3, s.Stream)
	b = appendNumber(b, 3, uint64(s.Revision))
	b = appendNumber(b, 4, uint64(s.Position))
	b = appendNumber(b, 5, uint64(s.Position))
	b = appendEntry(b, keyType, s.Type)
	b = appendEntry(b, keyCreated, s.created[:s.digits])
	b = appendEntry(b, keyContentType, contentType(s.Format))
	if len(s.Metadata) > 0 {
		b = appendBytes(b, 7, s.Metadata)
	}
	if len(s.Data) > 0 {
		b = appendBytes(b, 8, s.Data)
	}
	return b
}

func (s *shape) appendID(b []byte) []byte {
	if s.text {
		return appendID(appendHeader(b, 2, 36), s.ID)
	}
	most, least := halves(s.ID)
	b = appendHeader(b, 1, sizeNumber(most)+sizeNumber(least))
	return appendNumber(appendNumber(b, 1, most), 2, least)
}

// appendID appends the text of an ID.
func appendID(b []byte, id cairn.ID) []byte {
	for i, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

func appendEntry[T string | []byte](b []byte, key string, value T) []byte {
	b = appendHeader(b, 6, sizeEntry(len(key), len(value)))
	return appendBytes(appendBytes(b, 1, key), 2, value)
}

// contentType is what the protocol calls a format: JSON or bytes.
func contentType(f cairn.Format) string {
	if f == cairn.JSON {
		return contentJSON
	}
	return contentBytes
}
