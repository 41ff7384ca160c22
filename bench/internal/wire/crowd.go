package wire

import (
	"context"
	"fmt"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// perConn is how many followers share a connection.
const perConn = 100

// The windows are what HTTP/2 begins with, and large enough for the followers of
// a connection not to block each other. Left alone, gRPC's client makes them
// larger as it likes, and takes in megabytes for a follower that does not receive.
const (
	streamWindow = 64 << 10
	connWindow   = 2 * perConn * streamWindow
)

// Crowd implements [system.Host].
func (k *kurrent) Crowd(ctx context.Context, followers int, slow bool) (func(), error) {
	ctx, cancel := context.WithCancel(ctx)
	var own []*grpc.ClientConn
	leave := func() {
		cancel()
		for _, conn := range own {
			_ = conn.Close() // it can only have been closed before
		}
	}
	for i := range followers {
		if i%perConn == 0 {
			conn, err := grpc.NewClient(k.address, grpc.WithTransportCredentials(insecure.NewCredentials()),
				grpc.WithStaticStreamWindowSize(streamWindow), grpc.WithStaticConnWindowSize(connWindow))
			if err != nil {
				leave()
				return nil, err
			}
			own = append(own, conn)
		}
		if err := follow(ctx, streams.NewStreamsClient(own[len(own)-1]), i, slow); err != nil {
			leave()
			return nil, err
		}
	}
	return leave, nil
}

// follow subscribes and receives until the server has nothing more to say, or
// only its confirmation if the follower is slow.
func follow(ctx context.Context, client streams.StreamsClient, n int, slow bool) error {
	o := &streams.ReadReq_Options{
		CountOption:  &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}},
		FilterOption: &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
		UuidOption: &streams.ReadReq_Options_UUIDOption{
			Content: &streams.ReadReq_Options_UUIDOption_Structured{Structured: &shared.Empty{}},
		},
	}
	if slow {
		o.StreamOption = &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
			AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}},
		}}
	} else {
		o.StreamOption = &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: fmt.Append(nil, "quiet-", n)},
			RevisionOption:   &streams.ReadReq_Options_StreamOptions_Start{Start: &shared.Empty{}},
		}}
	}
	call, err := client.Read(ctx, &streams.ReadReq{Options: o})
	if err != nil {
		return err
	}
	for {
		answer, err := call.Recv()
		if err != nil || slow || answer.GetCaughtUp() != nil {
			return err
		}
	}
}
