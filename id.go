package cairn

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"
)

// An ID identifies an event for as long as anybody remembers it. It is a UUID;
// any version will do. The zero ID means "none yet": the store makes one.
type ID [16]byte

// NewID makes a version 7 UUID: milliseconds since 1970, then random bits, so
// that IDs made later sort later. The bits come from the runtime's ChaCha8
// generator, which is seeded from the operating system; IDs are unique, not
// secret.
func NewID() ID { return NewIDAt(time.Now()) }

// NewIDAt is NewID for a clock that has been read already.
func NewIDAt(t time.Time) (id ID) {
	binary.BigEndian.PutUint64(id[:8], uint64(t.UnixMilli())<<16|rand.Uint64()&0x0fff|0x7000)
	binary.BigEndian.PutUint64(id[8:], rand.Uint64()&^(3<<62)|2<<62)
	return id
}

// ParseID reads the 36-character form, in either case. Anything else is an
// [*InvalidError].
func ParseID(s string) (id ID, err error) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, notAnID(s)
	}
	digits := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return ID{}, notAnID(s)
	}
	return id, nil
}

func notAnID(s string) error {
	return &InvalidError{Field: "id", Problem: fmt.Sprintf("%.40q is not a UUID such as 018f2b6e-7c31-7d3a-9d0b-0242ac120002", s)}
}

// IsZero reports whether the ID is the zero ID.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the 36-character form in lower case.
func (id ID) String() string {
	b, _ := id.MarshalText()
	return string(b)
}

// MarshalText implements [encoding.TextMarshaler], so that JSON holds the
// 36-character form.
func (id ID) MarshalText() ([]byte, error) {
	b := make([]byte, 36)
	hex.Encode(b, id[:4])
	for i, at := range [...]int{8, 13, 18, 23} {
		b[at] = '-'
		if i < 3 {
			hex.Encode(b[at+1:], id[4+2*i:6+2*i])
		}
	}
	hex.Encode(b[24:], id[10:])
	return b, nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *ID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseID(string(b))
	return err
}
