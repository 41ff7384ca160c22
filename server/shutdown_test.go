package server_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"runtime"
	"testing"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
)

func basic(ctx context.Context, user, password string) context.Context {
	token := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Basic "+token)
}

// follow subscribes to the log and returns the call once it is confirmed.
func follow(t *testing.T, ctx context.Context, c streams.StreamsClient) streams.Streams_ReadClient {
	t.Helper()
	call, err := c.Read(ctx, &streams.ReadReq{Options: &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
			AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}}}},
		CountOption:  &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}},
		FilterOption: &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
		UuidOption:   &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := call.Recv(); err != nil || r.GetConfirmation() == nil {
		t.Fatalf("got %v, %v, want a confirmation", r, err)
	}
	return call
}

func batch(stream string, n int) *streams.BatchAppendReq {
	return &streams.BatchAppendReq{
		CorrelationId: &shared.UUID{Value: &shared.UUID_String_{String_: fmt.Sprintf("00000000-0000-4000-8000-%012d", n)}},
		Options: &streams.BatchAppendReq_Options{
			StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
			ExpectedStreamPosition: &streams.BatchAppendReq_Options_Any{},
		},
		ProposedMessages: []*streams.BatchAppendReq_ProposedMessage{{
			Id:       &shared.UUID{Value: &shared.UUID_String_{String_: cairn.NewID().String()}},
			Metadata: map[string]string{"type": "t", "content-type": "application/json"},
		}},
		IsFinal: true,
	}
}

// TestShutdown stops a server in the middle of everything: whoever waits for an
// answer gets it, whoever would stay for ever is told, and nothing is left.
func TestShutdown(t *testing.T) {
	h := serve(t, nil)
	conn := dial(t, h.addr, nil)
	client := streams.NewStreamsClient(conn)
	ctx := within(t)
	follower := follow(t, ctx, client)
	batches, err := client.BatchAppend(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const sent = 100
	for n := range sent {
		if err := batches.Send(batch("b", n)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := batches.Recv(); err != nil { // the server has begun
		t.Fatal(err)
	}
	halfway, err := client.Append(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := halfway.Send(options("halfway")); err != nil {
		t.Fatal(err)
	}
	if err := appendTo(ctx, conn, "a", "x"); err != nil { // by now the server has the half too
		t.Fatal(err)
	}

	stopped := make(chan error, 1)
	go func() { stopped <- h.Shutdown(ctx) }()
	answered := 1
	for {
		r, err := batches.Recv()
		if err != nil {
			if status.Code(err) != codes.Unavailable {
				t.Errorf("BatchAppend: got %v, want UNAVAILABLE", err)
			}
			break
		}
		if r.GetSuccess() == nil {
			t.Errorf("BatchAppend: got %v, want success", r)
		}
		answered++
	}
	for err == nil {
		_, err = follower.Recv()
	}
	if status.Code(err) != codes.Unavailable {
		t.Errorf("the follower: got %v, want UNAVAILABLE", err)
	}
	if err := halfway.Send(proposed("y")); err != nil {
		t.Errorf("the other half: %v", err)
	}
	if r, err := halfway.CloseAndRecv(); err != nil || r.GetSuccess() == nil {
		t.Errorf("the other half: got %v, %v, want success", r, err)
	}
	if err := errors.Join(<-stopped, <-h.served); err != nil {
		t.Errorf("Shutdown, Serve: %v", err)
	}
	if stored := count(t, h.store, "b"); stored != answered {
		t.Errorf("%d batches were answered, and %d stored", answered, stored)
	}
	if c, err := net.Dial("tcp", h.addr); err == nil {
		t.Error("the port still answers")
		c.Close()
	}
}

// TestShutdownCutsOff finds that patience ends, and that everything is gone then.
func TestShutdownCutsOff(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("", func(t *testing.T) {
		h := serve(t, nil)
		ctx := within(t)
		idle, err := net.Dial("tcp", h.addr) // says nothing
		if err != nil {
			t.Fatal(err)
		}
		defer idle.Close()
		conn := dial(t, h.addr, nil)
		halfway, err := streams.NewStreamsClient(conn).Append(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(halfway.Send(options("a")), appendTo(ctx, conn, "b", "x")); err != nil {
			t.Fatal(err)
		}
		enough := errors.New("enough")
		over, cancel := context.WithCancelCause(ctx)
		cancel(enough)
		if err := h.Shutdown(over); !errors.Is(err, enough) {
			t.Errorf("Shutdown: got %v, want %v", err, enough)
		}
		if err := <-h.served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if _, err := halfway.CloseAndRecv(); status.Code(err) != codes.Unavailable {
			t.Errorf("the call that was cut off: got %v, want UNAVAILABLE", err)
		}
		if n := count(t, h.store, "a"); n != 0 {
			t.Errorf("got %d events of a call that was cut off, want none", n)
		}
	})
	settled(t, before)
}

func TestShutdownBeforeServe(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("", func(t *testing.T) {
		h := serve(t, nil)
		if err := h.Shutdown(within(t)); err != nil {
			t.Error(err)
		}
	})
	settled(t, before)
}
