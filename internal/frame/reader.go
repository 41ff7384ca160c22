package frame

import "encoding/binary"

// A reader takes fields off bytes that may be damaged. Once something did not
// fit, bad is set and everything read is zero.
type reader struct {
	b   []byte
	at  int
	bad bool
}

func (r *reader) uvarint() uint64 {
	if r.at < len(r.b) && r.b[r.at] < 0x80 { // by far the commonest
		r.at++
		return uint64(r.b[r.at-1])
	}
	v, n := binary.Uvarint(r.b[min(r.at, len(r.b)):])
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.at += n
	return v
}

func (r *reader) varint() int64 {
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads a number that may be limit at most.
func (r *reader) count(limit int) int {
	v := r.uvarint()
	if v > uint64(limit) {
		r.bad = true
		return 0
	}
	return int(v)
}

// bytes reads a length of at most limit, and as many bytes. The slice cannot be
// appended to without being copied.
func (r *reader) bytes(limit int) []byte {
	n := r.count(limit)
	if r.bad || n > len(r.b)-r.at {
		r.bad = true
		return nil
	}
	r.at += n
	return r.b[r.at-n : r.at : r.at]
}

// fixed reads n bytes.
func (r *reader) fixed(n int) []byte {
	if r.bad || n > len(r.b)-r.at {
		r.bad = true
		return make([]byte, n)
	}
	r.at += n
	return r.b[r.at-n : r.at]
}
