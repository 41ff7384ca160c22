package kurrent_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// few makes a client of a service that holds few bytes of incomplete appends.
func few(t *testing.T, c *access.Control, most int) (*kurrent.Service, streams.StreamsClient, context.Context) {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := kurrent.New(store, c, kurrent.Options{})
	s.HoldAtMost(most)
	server := grpc.NewServer(grpc.ForceServerCodecV2(kurrent.Codec()), grpc.WaitForHandlers(true))
	s.Register(server)
	l := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	conn, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(func() {
		cancel()
		conn.Close()
		s.Close()
		server.Stop()
		<-served
		store.Close()
	})
	return s, streams.NewStreamsClient(conn), ctx
}

// eventually waits until so many bytes are held.
func eventually(t *testing.T, ctx context.Context, s *kurrent.Service, ok func(int) bool) {
	t.Helper()
	for !ok(s.Held()) {
		if ctx.Err() != nil {
			t.Fatalf("%d bytes are held", s.Held())
		}
		runtime.Gosched()
	}
}

func part(n byte, stream string, size int, final bool) *streams.BatchAppendReq {
	id := &shared.UUID{Value: &shared.UUID_String_{String_: cairn.ID{15: n + 1}.String()}}
	return &streams.BatchAppendReq{
		CorrelationId: id, IsFinal: final,
		Options: &streams.BatchAppendReq_Options{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
			ExpectedStreamPosition: &streams.BatchAppendReq_Options_Any{}},
		ProposedMessages: []*streams.BatchAppendReq_ProposedMessage{{Id: id, Data: make([]byte, size),
			Metadata: map[string]string{"type": "t", "content-type": "application/octet-stream"}}},
	}
}

func appending(t *testing.T, ctx context.Context, c streams.StreamsClient, size int) streams.Streams_AppendClient {
	t.Helper()
	call, err := c.Append(ctx)
	if err != nil {
		t.Fatal(err)
	}
	messages := []*streams.AppendReq{
		{Content: &streams.AppendReq_Options_{Options: &streams.AppendReq_Options{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("s")}, ExpectedStreamRevision: &streams.AppendReq_Options_Any{}}}},
		{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: &streams.AppendReq_ProposedMessage{
			Id: &shared.UUID{Value: &shared.UUID_String_{String_: cairn.NewID().String()}}, Data: make([]byte, size),
			Metadata: map[string]string{"type": "t", "content-type": "application/octet-stream"}}}},
	}
	for _, m := range messages {
		if err := call.Send(m); err != nil && err != io.EOF { // the answer says why
			t.Fatal(err)
		}
	}
	return call
}

// TestReceivingIsBounded opens appends and ends none of them: the one too many is
// refused, whatever call it is in, and there is room again when another is gone.
func TestReceivingIsBounded(t *testing.T) {
	const most = 1 << 20
	s, c, ctx := few(t, access.Open(), most)
	first, cancel := context.WithCancel(ctx)
	appending(t, first, c, most/2)
	eventually(t, ctx, s, func(n int) bool { return n > most/2 })
	batches, err := c.BatchAppend(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := batches.Send(part(0, "s", most/2, false)); err != nil {
		t.Fatal(err)
	}
	if r, err := batches.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("batch append: got %v, %v, want it to be refused", r, err)
	}
	eventually(t, ctx, s, func(n int) bool { return n < most*3/4 })
	if _, err := appending(t, ctx, c, most*3/4).CloseAndRecv(); status.Code(err) != codes.Unavailable {
		t.Errorf("append: got %v, want it to be refused", err)
	}
	cancel()
	eventually(t, ctx, s, func(n int) bool { return n == 0 })
	if r, err := appending(t, ctx, c, most*3/4).CloseAndRecv(); err != nil || r.GetSuccess() == nil {
		t.Errorf("append when there is room: got %v, %v", r, err)
	}
}

// TestReceivingIsCountedOnce completes appends one after the other: none of them
// is counted any more.
func TestReceivingIsCountedOnce(t *testing.T) {
	s, c, ctx := few(t, access.Open(), 1<<20)
	batches, err := c.BatchAppend(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for n := range byte(8) {
		for i := range 3 {
			m := part(n, "s", 1<<16, i == 2)
			m.ProposedMessages[0].Id = &shared.UUID{Value: &shared.UUID_String_{String_: cairn.NewID().String()}}
			if err := batches.Send(m); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := batches.Recv(); err != nil || r.GetSuccess() == nil {
			t.Fatalf("got %v, %v", r, err)
		}
	}
	if n := s.Held(); n != 0 {
		t.Errorf("%d bytes are held when all is answered", n)
	}
}

// TestRefusedIsNotKept sends the events of appends that the caller may not make.
func TestRefusedIsNotKept(t *testing.T) {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	control, err := access.New(t.Context(), store, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(control.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	s, c, ctx := few(t, control, 1<<20)
	batches, err := c.BatchAppend(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for n := range byte(8) {
		if err := batches.Send(part(n, "s", 1<<19, false)); err != nil {
			t.Fatal(err)
		}
	}
	if err := batches.Send(part(9, "s", 1, true)); err != nil {
		t.Fatal(err)
	}
	if r, err := batches.Recv(); err != nil || codes.Code(r.GetError().GetCode()) != codes.PermissionDenied {
		t.Fatalf("got %v, %v", r, err)
	}
	if n := s.Held(); n == 0 || n > 1<<16 {
		t.Errorf("%d bytes are held of what is not kept", n)
	}
}
