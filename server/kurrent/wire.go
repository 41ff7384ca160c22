package kurrent

import (
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// A field is one field of a message on the wire. Its tag is its number and its
// kind: a field of another kind than expected is another field.
type field struct {
	tag   uint64
	value uint64 // of a varint
	bytes []byte // of what has a length
}

// The kinds of fields. A tag is number<<3 | kind.
const (
	varint = 0
	length = 2
)

// fields calls f for each field of a message, in the order in which they stand.
func fields(b []byte, f func(field) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		at := field{tag: protowire.EncodeTag(num, kind)}
		switch kind {
		case protowire.VarintType:
			at.value, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			at.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := f(at); err != nil {
			return err
		}
	}
	return nil
}

// An arena hands out small buffers that are filled once, from larger ones,
// because allocating each would cost more than filling it. What it has handed
// out keeps its larger buffer alive.
type arena struct {
	free    []byte
	next    int // bytes of the next larger buffer
	buffers []mem.Buffer
}

const (
	smallestChunk = 512
	largestChunk  = 16 << 10
)

// take returns an empty buffer with room for n bytes.
func (a *arena) take(n int) []byte {
	if n > largestChunk/4 {
		return make([]byte, 0, n)
	}
	if n > len(a.free) {
		a.next = max(min(2*a.next, largestChunk), smallestChunk, n)
		a.free = make([]byte, a.next)
	}
	b := a.free[:0:n]
	a.free = a.free[n:]
	return b
}

// message makes of a buffer what gRPC sends and keeps until it is sent.
func (a *arena) message(b []byte) mem.BufferSlice {
	if len(a.buffers) == 0 {
		a.buffers = make([]mem.Buffer, 1+a.next/512)
	}
	m := a.buffers[:1:1]
	m[0], a.buffers = mem.SliceBuffer(b), a.buffers[1:]
	return m
}

// appendNumber appends a varint field. Here and below the number of the field is
// small enough for its tag to take one byte.
func appendNumber(b []byte, num byte, v uint64) []byte {
	return protowire.AppendVarint(append(b, num<<3|varint), v)
}

// appendBytes appends a field of bytes.
func appendBytes[T string | []byte](b []byte, num byte, v T) []byte {
	b = protowire.AppendVarint(append(b, num<<3|length), uint64(len(v)))
	return append(b, v...)
}

// appendHeader appends what stands before the bytes of a field.
func appendHeader(b []byte, num byte, n int) []byte {
	return protowire.AppendVarint(append(b, num<<3|length), uint64(n))
}

// sizeNumber is how many bytes appendNumber takes.
func sizeNumber(v uint64) int { return 1 + protowire.SizeVarint(v) }

// sizeBytes is how many bytes a field of n bytes takes.
func sizeBytes(n int) int { return 1 + protowire.SizeBytes(n) }
