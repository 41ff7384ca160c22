package server_test

import (
	"context"
	"testing"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/server"
)

// TestReads finds that readers are bounded, that writers are not among them, and
// that there is room again when one leaves.
func TestReads(t *testing.T) {
	h := serve(t, &server.Options{Limits: server.Limits{Reads: 2}})
	conn := dial(t, h.addr, nil)
	client := streams.NewStreamsClient(conn)
	ctx := within(t)
	leaving, leave := context.WithCancel(ctx)
	defer leave()
	follow(t, ctx, client)
	follow(t, leaving, client)
	one := func() error {
		call, err := client.Read(ctx, &streams.ReadReq{Options: &streams.ReadReq_Options{
			StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
				StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("a")},
				RevisionOption:   &streams.ReadReq_Options_StreamOptions_Start{Start: &shared.Empty{}}}},
			CountOption:  &streams.ReadReq_Options_Count{Count: 1},
			FilterOption: &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
			UuidOption:   &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}},
		}})
		if err != nil {
			return err
		}
		_, err = call.Recv()
		return err
	}
	if err := one(); status.Code(err) != codes.Unavailable || status.Convert(err).Message() != "Server Is Too Busy" {
		t.Errorf("a reader too many: got %v, want UNAVAILABLE", err)
	}
	if err := appendTo(ctx, conn, "a", "x"); err != nil {
		t.Errorf("a writer: %v", err)
	}
	leave()
	for err := one(); err != nil; err = one() {
		if ctx.Err() != nil {
			t.Fatalf("when one has left: %v", err)
		}
	}
}
