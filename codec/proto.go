package codec

import (
	"errors"
	"fmt"
	"reflect"

	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn"
)

// Proto makes a codec that stores events as Protocol Buffers. The concrete
// types are generated messages, given as pointers:
//
//	codec.Proto(codec.Types[Event]{"account.opened": (*accountpb.Opened)(nil)})
//
// Equal messages are encoded to equal bytes, and fields that the program does
// not know survive. It panics for what makes [JSON] panic, and for a type that
// is not a message.
func Proto[E any](types Types[E], upcasters ...Upcaster) Codec[E] {
	return register(protoWire{}, types, upcasters)
}

type protoWire struct{}

func (protoWire) format() cairn.Format { return cairn.Protobuf }

func (protoWire) marshal(v any) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(v.(proto.Message))
}

func (protoWire) unmarshal(data []byte, t reflect.Type) (any, error) {
	m := reflect.New(t.Elem()).Interface().(proto.Message)
	if err := proto.Unmarshal(data, m); err != nil {
		return nil, err
	}
	return m, nil
}

func (protoWire) check(t reflect.Type) error {
	if t.Kind() != reflect.Pointer || !t.Implements(reflect.TypeFor[proto.Message]()) {
		return fmt.Errorf("%v is not a Protocol Buffers message; give a pointer to a generated type", t)
	}
	if t.Elem().Kind() != reflect.Struct {
		return errors.New("a message is a pointer to a struct")
	}
	// A struct that only embeds a message cannot be made from data.
	m := reflect.New(t.Elem()).Interface().(proto.Message)
	if made := reflect.TypeOf(m.ProtoReflect().New().Interface()); made != t {
		return fmt.Errorf("%v only wraps the message %v", t, made)
	}
	return nil
}
