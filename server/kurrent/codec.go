package kurrent

import (
	"errors"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec of everything else
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// An encoded is a message that was encoded already.
type encoded struct{ data mem.BufferSlice }

// A decoder is a message that decodes itself. The bytes are its own to keep.
type decoder interface{ decode(b []byte) error }

// codec lets messages that know their own encoding have it their way.
type codec struct{ encoding.CodecV2 }

// Codec is the codec that a server must be made with, by
// [google.golang.org/grpc.ForceServerCodecV2]: protobuf, but for the messages of
// which there are many. Those are not made by way of generated types, which
// costs several times as much.
func Codec() encoding.CodecV2 { return codec{encoding.GetCodecV2("proto")} }

// Marshal implements [encoding.CodecV2].
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if m, ok := v.(*encoded); ok {
		return m.data, nil
	}
	return c.CodecV2.Marshal(v)
}

// Unmarshal implements [encoding.CodecV2].
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if m, ok := v.(decoder); ok {
		return m.decode(data.Materialize())
	}
	if data.Len() > 2*mostParts {
		if m, ok := v.(proto.Message); ok && crowded(data.Materialize(), m) {
			return errCrowded
		}
	}
	return c.CodecV2.Unmarshal(data, v)
}

// errCrowded is the error of a message that would take far more memory than its
// size lets expect.
var errCrowded = errors.New("too many parts in one message")
