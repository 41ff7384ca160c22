package kurrent_test

import (
	"context"
	"testing"
	"time"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn/server/kurrent"
)

// FuzzPersistentCalls sends any bytes to any of the calls. Whatever they are the
// server answers with a status, and goes on.
func FuzzPersistentCalls(f *testing.F) {
	marshal := func(m proto.Message) []byte {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	stream := &pb.DeleteReq_Options_StreamIdentifier{StreamIdentifier: streamID("s")}
	f.Add(uint8(0), marshal(creation("s", "g")), []byte{})
	f.Add(uint8(0), marshal(creation("$all", "g", byPrefix("$ce-s"), resolvingLinks)), []byte{})
	f.Add(uint8(1), marshal(&pb.UpdateReq{Options: &pb.UpdateReq_Options{GroupName: "g", Settings: &pb.UpdateReq_Settings{HistoryBufferSize: 3}}}), []byte{})
	f.Add(uint8(2), marshal(&pb.DeleteReq{Options: &pb.DeleteReq_Options{GroupName: "g", StreamOption: stream}}), []byte{})
	f.Add(uint8(3), marshal(&pb.GetInfoReq{Options: &pb.GetInfoReq_Options{GroupName: "g", StreamOption: &pb.GetInfoReq_Options_All{All: &shared.Empty{}}}}), []byte{})
	f.Add(uint8(4), marshal(replaying("s", "g")), []byte{})
	f.Add(uint8(5), marshal(&pb.ListReq{Options: &pb.ListReq_Options{ListOption: &pb.ListReq_Options_ListAllSubscriptions{}}}), []byte{})
	f.Add(uint8(7), marshal(replaying("s", "g")), []byte{})
	park := &pb.ReadReq_Nack{Action: pb.ReadReq_Nack_Park, Ids: []*shared.UUID{{}}}
	f.Add(uint8(8), marshal(&pb.ReadReq{Content: &pb.ReadReq_Options_{Options: consumption("s", "g", 1)}}), marshal(&pb.ReadReq{Content: &pb.ReadReq_Nack_{Nack: park}}))
	calls := []string{"Create", "Update", "Delete", "GetInfo", "ReplayParked", "List", "RestartSubsystem", "TruncateParked", "Read"}
	w := newWire(f, kurrent.Options{})
	w.putMany("s", 3)
	f.Fuzz(func(t *testing.T, which uint8, first, second []byte) {
		name := calls[int(which)%len(calls)]
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		desc := &grpc.StreamDesc{ClientStreams: name == "Read", ServerStreams: name == "Read"}
		s, err := w.conn.NewStream(ctx, desc, "/event_store.client.persistent_subscriptions.PersistentSubscriptions/"+name, grpc.ForceCodecV2(raw{kurrent.Codec()}))
		if err != nil {
			t.Fatal(err)
		}
		_ = s.SendMsg(bytesMessage(first)) // an error is told on receiving
		if desc.ClientStreams {
			_ = s.SendMsg(bytesMessage(second))
		}
		_ = s.CloseSend()
		for err == nil {
			err = s.RecvMsg(nil)
		}
		if c := status.Code(err); c == codes.Unavailable || c == codes.DeadlineExceeded {
			t.Fatal(err)
		}
	})
}
