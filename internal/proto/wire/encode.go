package wire

import "google.golang.org/protobuf/encoding/protowire"

// The functions of this file append a field, unless it has its zero value.

func appendText(b []byte, n protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), s)
}

func appendBytes(b []byte, n protowire.Number, v []byte) []byte {
	if len(v) == 0 {
		return b
	}
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}

func appendNumber(b []byte, n protowire.Number, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}

// appendSigned is for the type sint64, in which the small negative numbers are
// short.
func appendSigned(b []byte, n protowire.Number, v int64) []byte {
	return appendNumber(b, n, protowire.EncodeZigZag(v))
}

func appendFlag(b []byte, n protowire.Number, v bool) []byte {
	return appendNumber(b, n, protowire.EncodeBool(v))
}

// reserved is how many bytes are kept free for a length that is not known yet.
const reserved = 5

// begin appends the head of a message within the message; end finishes it.
func begin(b []byte, n protowire.Number) (_ []byte, at int) {
	b = protowire.AppendTag(b, n, protowire.BytesType)
	b = append(b, 0, 0, 0, 0, 0)
	return b, len(b)
}

// end writes the length of what was appended since begin. A short message moves
// to take up the room that was reserved for a longer length; a long one is not
// worth moving, and its length is written with zeros in front, which protobuf
// allows.
func end(b []byte, at int) []byte {
	length, head := uint64(len(b)-at), b[at-reserved:at]
	if length >= 1<<14 {
		for i := range head {
			head[i] = byte(length>>(7*i)) | 0x80
		}
		head[reserved-1] &^= 0x80
		return b
	}
	n := len(protowire.AppendVarint(head[:0], length))
	copy(b[at-reserved+n:], b[at:])
	return b[:len(b)-reserved+n]
}
