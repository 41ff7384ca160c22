package kurrent_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent"
)

// A bytesMessage is a message that is sent as it stands.
type bytesMessage []byte

// raw sends bytes as they are and throws away what it receives.
type raw struct{ encoding.CodecV2 }

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.(bytesMessage))}, nil
}
func (raw) Unmarshal(mem.BufferSlice, any) error { return nil }

// FuzzCalls sends any bytes to any of the calls of Streams. Whatever they are the
// server answers with a status, and goes on.
func FuzzCalls(f *testing.F) {
	marshal := func(m proto.Message) []byte {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	f.Add(uint8(0), marshal(readRequest(ofAll, filtered("stream", "regex", 32, 1, "^(?!a)"))), []byte{})
	f.Add(uint8(0), marshal(readRequest(ofStream("s"), resolving, detailed, fromRevision(1))), []byte{})
	f.Add(uint8(0), marshal(readRequest(ofStream("$ce-s"), backwards, fromEnd, counting(3), resolving)), []byte{})
	f.Add(uint8(1), marshal(destination("s", 1)), marshal(event(id(1))))
	f.Add(uint8(2), marshal(pieceOf(1, []int{1}, into("s", cairn.Any), more)), marshal(pieceOf(1, []int{2})))
	any := &streams.DeleteReq_Options_Any{Any: &shared.Empty{}}
	f.Add(uint8(3), marshal(&streams.DeleteReq{Options: &streams.DeleteReq_Options{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("s")}, ExpectedStreamRevision: any}}), []byte{})
	w := newWire(f, kurrent.Options{})
	w.putMany("s-1", 3)
	w.putLink("s", "0@s-1")
	calls := []struct {
		desc *grpc.StreamDesc
		name string
	}{
		{&grpc.StreamDesc{ServerStreams: true}, streams.Streams_Read_FullMethodName},
		{&grpc.StreamDesc{ClientStreams: true}, streams.Streams_Append_FullMethodName},
		{&grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, streams.Streams_BatchAppend_FullMethodName},
		{&grpc.StreamDesc{}, streams.Streams_Delete_FullMethodName},
		{&grpc.StreamDesc{}, streams.Streams_Tombstone_FullMethodName},
	}
	f.Fuzz(func(t *testing.T, which uint8, first, second []byte) {
		call := calls[int(which)%len(calls)]
		patience := 10 * time.Second
		if call.name == streams.Streams_Read_FullMethodName {
			patience = 100 * time.Millisecond // as a subscription goes on
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		s, err := w.conn.NewStream(ctx, call.desc, call.name, grpc.ForceCodecV2(raw{kurrent.Codec()}))
		if err != nil {
			t.Fatal(err)
		}
		_ = s.SendMsg(bytesMessage(first)) // an error is told on receiving
		if call.desc.ClientStreams {
			_ = s.SendMsg(bytesMessage(second))
		}
		_ = s.CloseSend()
		for err == nil {
			err = s.RecvMsg(nil)
		}
		if c := status.Code(err); c == codes.Unavailable || c == codes.DeadlineExceeded && patience > time.Second {
			t.Fatal(err)
		}
	})
}
