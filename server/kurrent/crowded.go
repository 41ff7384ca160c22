package kurrent

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/cairndb/cairn/internal/proto/kurrentv2"
)

// How many parts a message may have: messages in it, and texts in its lists. A
// part takes two bytes to send and can take a hundred times as many in memory, so
// the size of a message says little about what it costs to decode it, which is
// done before it is known who sent it.
const (
	mostParts       = 1 << 15 // more than the largest query has
	mostRecordParts = 1 << 20 // 16 for each event that an append may have
	deepest         = 100     // messages in one another
)

// partsOf is how many parts a message that is decoded into m may have.
func partsOf(m proto.Message) int {
	switch m.(type) {
	case *kurrentv2.AppendRecordsRequest, *kurrentv2.AppendRequest:
		return mostRecordParts
	}
	return mostParts
}

// crowded reports whether b holds more parts than a message like m may have.
// What is not well formed is left to who decodes it, as are messages that do that
// themselves.
func crowded(b []byte, m proto.Message) bool {
	most := partsOf(m)
	if _, itself := m.(protoreflect.Message); itself || len(b) <= 2*most {
		return false
	}
	return countParts(b, m.ProtoReflect().Descriptor(), most, deepest) > most
}

// countParts counts until there are more than most.
func countParts(b []byte, d protoreflect.MessageDescriptor, most, depth int) (n int) {
	if depth == 0 {
		return math.MaxInt32
	}
	for len(b) > 0 && n <= most {
		number, kind, size := protowire.ConsumeField(b)
		if size < 0 {
			return n
		}
		f := d.Fields().ByNumber(number)
		if f != nil && kind == protowire.BytesType && (f.IsList() || f.Message() != nil) {
			n++
			if f.Message() != nil {
				_, _, tag := protowire.ConsumeTag(b)
				value, _ := protowire.ConsumeBytes(b[tag:])
				n += countParts(value, f.Message(), most-n, depth-1)
			}
		}
		b = b[size:]
	}
	return n
}
