package codec_test

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
)

// The well-known types stand for an application's generated ones.
var messages = codec.Proto(codec.Types[proto.Message]{
	"account.opened":    (*wrapperspb.StringValue)(nil),
	"account.deposited": &wrapperspb.Int64Value{},
	"account.locked.v2": &durationpb.Duration{},
}, codec.Upcast("account.locked", func(old *timestamppb.Timestamp) (*durationpb.Duration, error) {
	if old.Seconds == 13 {
		return nil, nil
	}
	return &durationpb.Duration{Seconds: old.Seconds}, old.CheckValid()
}))

func TestProtoRoundTrip(t *testing.T) {
	for _, m := range []proto.Message{wrapperspb.String("Ann"), wrapperspb.Int64(-7), &durationpb.Duration{}} {
		stored, err := messages.Encode(m)
		if err != nil || stored.Format != cairn.Protobuf {
			t.Fatal(stored, err)
		}
		got, err := messages.Decode(cairn.Recorded{Event: stored})
		if err != nil || !proto.Equal(got, m) {
			t.Errorf("got %v, %v; want %v", got, err, m)
		}
	}
}

func TestProtoUpcast(t *testing.T) {
	data, _ := proto.Marshal(&timestamppb.Timestamp{Seconds: 5})
	got, err := messages.Decode(cairn.Recorded{Event: cairn.Event{Type: "account.locked", Data: data, Format: cairn.Binary}})
	if err != nil || !proto.Equal(got, &durationpb.Duration{Seconds: 5}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestProtoErrors(t *testing.T) {
	invalid, _ := proto.Marshal(&timestamppb.Timestamp{Nanos: -1})
	unlucky, _ := proto.Marshal(&timestamppb.Timestamp{Seconds: 13})
	for says, e := range map[string]cairn.Event{
		"not protobuf":    {Type: "account.opened", Data: []byte(`"Ann"`), Format: cairn.JSON},
		"wire-format":     {Type: "account.opened", Data: []byte{0xff}, Format: cairn.Protobuf},
		"upcast from":     {Type: "account.locked", Data: invalid, Format: cairn.Protobuf},
		"upcast to a nil": {Type: "account.locked", Data: unlucky, Format: cairn.Protobuf},
	} {
		_, err := messages.Decode(cairn.Recorded{Event: e})
		if !errors.Is(err, codec.ErrUndecodable) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	if _, err := messages.Encode((*wrapperspb.StringValue)(nil)); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("nil message: %v", err)
	}
	if _, err := messages.Encode(wrapperspb.String("\xff")); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("invalid UTF-8: %v", err)
	}
}

type wrapper struct{ *wrapperspb.StringValue }

func TestProtoRefusesWrappers(t *testing.T) {
	says := panicOf(func() { codec.Proto(codec.Types[proto.Message]{"a": &wrapper{}}) })
	if !strings.Contains(says, "only wraps") {
		t.Error(says)
	}
}
