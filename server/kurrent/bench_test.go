package kurrent_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// The benchmarks call over a socket, so that the figures hold what a client
// pays, and call a server that does nothing beside the real one.

// idle answers as the service would and stores nothing.
type idle struct {
	streams.UnimplementedStreamsServer
}

func (idle) Append(call streams.Streams_AppendServer) error {
	for {
		if _, err := call.Recv(); err == io.EOF {
			return call.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
				CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: 1},
				PositionOption:        &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{CommitPosition: 1, PreparePosition: 1}},
			}}})
		} else if err != nil {
			return err
		}
	}
}

func (idle) BatchAppend(call streams.Streams_BatchAppendServer) error {
	for {
		m, err := call.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := call.Send(&streams.BatchAppendResp{
			CorrelationId: m.GetCorrelationId(), StreamIdentifier: m.GetOptions().GetStreamIdentifier(),
			Result: &streams.BatchAppendResp_Success_{Success: &streams.BatchAppendResp_Success{
				CurrentRevisionOption: &streams.BatchAppendResp_Success_CurrentRevision{CurrentRevision: 1},
				PositionOption:        &streams.BatchAppendResp_Success_Position{Position: &shared.AllStreamPosition{CommitPosition: 1, PreparePosition: 1}},
			}},
		}); err != nil {
			return err
		}
	}
}

// Read sends one event over and over.
func (idle) Read(req *streams.ReadReq, call streams.Streams_ReadServer) error {
	e := &streams.ReadResp_ReadEvent_RecordedEvent{
		Id: uuid(id(1)), StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("stream-1")}, StreamRevision: 1, CommitPosition: 1, PreparePosition: 1,
		Metadata: map[string]string{"type": "something.happened", "created": "17957376000000000", "content-type": "application/json"}, Data: make([]byte, 256),
	}
	m := &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{Event: e, Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: 1}}}}
	for range req.GetOptions().GetCount() {
		if err := call.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// both runs a benchmark with a client of the service and of the idle server.
func both(b *testing.B, run func(*testing.B, streams.StreamsClient, cairn.Store)) {
	for _, name := range []string{"idle", "cairn"} {
		b.Run(name, func(b *testing.B) {
			store, err := disk.Open(b.TempDir(), nil)
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			server := grpc.NewServer(grpc.ForceServerCodecV2(kurrent.Codec()))
			if name == "idle" {
				streams.RegisterStreamsServer(server, idle{})
			} else {
				kurrent.New(store, access.Open(), kurrent.Options{}).Register(server)
			}
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			go server.Serve(listener)
			defer server.Stop()
			conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			before := cpu(b)
			run(b, streams.NewStreamsClient(conn), store)
			b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// cpu is the time of processors that client and server have taken together. It says
// more than the clock where others use the machine too.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkAppend(b *testing.B) {
	both(b, func(b *testing.B, client streams.StreamsClient, _ cairn.Store) {
		var n atomic.Int64
		b.SetParallelism(32)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			stream := fmt.Sprint("stream-", n.Add(1)%4)
			for pb.Next() {
				call, err := client.Append(context.Background())
				if err != nil {
					b.Error(err)
					return
				}
				call.Send(destination(stream, cairn.Any))
				e := event(cairn.NewID())
				e.GetProposedMessage().Data = make([]byte, 256)
				call.Send(e)
				if _, err := call.CloseAndRecv(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// BenchmarkBatchAppend has 256 appends of one event under way.
func BenchmarkBatchAppend(b *testing.B) {
	both(b, func(b *testing.B, client streams.StreamsClient, _ cairn.Store) {
		call, err := client.BatchAppend(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		room := make(chan struct{}, 256)
		go func() {
			data := make([]byte, 256)
			for i := range b.N {
				room <- struct{}{}
				m := &piece{CorrelationId: structured(cairn.NewID()), IsFinal: true, Options: &streams.BatchAppendReq_Options{
					StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(fmt.Sprint("stream-", i%4))},
					ExpectedStreamPosition: &streams.BatchAppendReq_Options_Any{Any: &emptypb.Empty{}},
				}, ProposedMessages: []*streams.BatchAppendReq_ProposedMessage{{
					Id: structured(cairn.NewID()), Data: data, Metadata: map[string]string{"type": "something.happened", "content-type": "application/json"},
				}}}
				if call.Send(m) != nil {
					return
				}
			}
			call.CloseSend()
		}()
		for range b.N {
			if m, err := call.Recv(); err != nil || m.GetSuccess() == nil {
				b.Fatal(m, err)
			}
			<-room
		}
	})
}

func BenchmarkReadAll(b *testing.B) {
	const stored = 20_000
	both(b, func(b *testing.B, client streams.StreamsClient, store cairn.Store) {
		events := make([]cairn.Event, 100)
		for i := range events {
			events[i] = cairn.Event{Type: "something.happened", Data: make([]byte, 256)}
		}
		for i := range stored / len(events) {
			if _, err := store.Append(context.Background(), fmt.Sprint("stream-", i%4), cairn.Any, events...); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportAllocs()
		b.ResetTimer()
		for left := b.N; left > 0; left -= stored {
			drainRead(b, client, uint64(min(left, stored)))
		}
	})
}

// drainRead receives bytes, so that decoding them does not hide what the server
// takes.
func drainRead(b *testing.B, client streams.StreamsClient, n uint64) {
	call, err := client.Read(context.Background(), readRequest(ofAll, counting(n)), grpc.ForceCodecV2(blind{kurrent.Codec()}))
	if err != nil {
		b.Fatal(err)
	}
	for {
		var m nothing
		if err := call.RecvMsg(&m); err == io.EOF {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

// A nothing is a message that nobody looks at.
type nothing struct{}

type blind struct{ encoding.CodecV2 }

func (c blind) Unmarshal(data mem.BufferSlice, v any) error {
	if _, ok := v.(*nothing); ok {
		return nil
	}
	return c.CodecV2.Unmarshal(data, v)
}

func structured(id cairn.ID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits: int64(binary.BigEndian.Uint64(id[:8])), LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}
