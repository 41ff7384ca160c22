package wire

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/runtime/protoiface"

	"github.com/cairndb/cairn/internal/proto/cairnv1"
)

// A Message is a protobuf message whose bytes are made and read by this package.
// It can be given to gRPC wherever a message can, so that this needs no codec of
// its own, and any other client or server of the protocol sees ordinary messages.
type Message struct {
	described

	// Bytes are what is sent. They are copied before the call that sends them
	// returns.
	Bytes []byte

	// Decode is given what was received, for as long as it runs: the bytes
	// belong to gRPC.
	Decode func(b []byte) error
}

// described is the generated message, for its name and fields.
type described = protoreflect.Message

// NewRequest makes a message that can stand for a CommitRequest.
func NewRequest() *Message {
	return &Message{described: (*cairnv1.CommitRequest)(nil).ProtoReflect()}
}

// NewResponse makes a message that can stand for a CommitResponse.
func NewResponse() *Message {
	return &Message{described: (*cairnv1.CommitResponse)(nil).ProtoReflect()}
}

// NewReading makes a message that can stand for a ReadResponse.
func NewReading() *Message {
	return &Message{described: (*cairnv1.ReadResponse)(nil).ProtoReflect()}
}

// ProtoReflect implements proto.Message.
func (m *Message) ProtoReflect() protoreflect.Message { return m }

// Interface implements protoreflect.Message.
func (m *Message) Interface() protoreflect.ProtoMessage { return m }

// Reset is called before Decode, which needs no preparation.
func (m *Message) Reset() {}

// ProtoMethods implements protoreflect.Message: protobuf calls these instead of
// looking at fields.
func (m *Message) ProtoMethods() *protoiface.Methods { return methods }

var methods = &protoiface.Methods{
	Size: func(in protoiface.SizeInput) protoiface.SizeOutput {
		return protoiface.SizeOutput{Size: len(in.Message.(*Message).Bytes)}
	},
	Marshal: func(in protoiface.MarshalInput) (protoiface.MarshalOutput, error) {
		return protoiface.MarshalOutput{Buf: append(in.Buf, in.Message.(*Message).Bytes...)}, nil
	},
	Unmarshal: func(in protoiface.UnmarshalInput) (protoiface.UnmarshalOutput, error) {
		return protoiface.UnmarshalOutput{Flags: protoiface.UnmarshalInitialized}, in.Message.(*Message).Decode(in.Buf)
	},
	CheckInitialized: func(protoiface.CheckInitializedInput) (protoiface.CheckInitializedOutput, error) {
		return protoiface.CheckInitializedOutput{}, nil
	},
}
