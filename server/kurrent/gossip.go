package kurrent

import (
	"context"
	"encoding/binary"
	"net"
	"strconv"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/gossip"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// defaultPort is the port that clients use when they are told none.
const defaultPort = 2113

// gossipServer is the Gossip service.
type gossipServer struct {
	gossip.UnimplementedGossipServer
	*Service
}

// Read implements the call of that name: the server is alone and leads.
// Everybody may ask.
func (s *gossipServer) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	info, err := s.store.Info(ctx)
	if err != nil {
		return nil, fail(ctx, err)
	}
	host, port := s.advertised(called(ctx))
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId: &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
			MostSignificantBits:  int64(binary.BigEndian.Uint64(info.ID[:8])),
			LeastSignificantBits: int64(binary.BigEndian.Uint64(info.ID[8:])),
		}}},
		TimeStamp:    time.Now().UnixNano() / 100,
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: &gossip.EndPoint{Address: host, Port: uint32(port)},
	}}}, nil
}

// called is where the caller found the server, as far as it says so.
func called(ctx context.Context) string {
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		if a := md.Get(":authority"); len(a) > 0 && a[0] != "" {
			return a[0]
		}
	}
	if p, ok := peer.FromContext(ctx); ok && p.LocalAddr != nil {
		return p.LocalAddr.String()
	}
	return ""
}

// advertised is where clients are told to find the server: what the options
// say, and for what they leave open where it was called. The answer has to be a
// name that the server's certificate is good for, which that is.
func (s *Service) advertised(called string) (host string, port int) {
	host, number, err := net.SplitHostPort(called)
	if err != nil {
		host = called
	}
	if n, err := strconv.ParseUint(number, 10, 16); err == nil {
		port = int(n)
	}
	if s.opts.AdvertiseHost != "" {
		host = s.opts.AdvertiseHost
	}
	if s.opts.AdvertisePort != 0 {
		port = s.opts.AdvertisePort
	}
	if host == "" {
		host = "localhost"
	}
	if port == 0 {
		port = defaultPort
	}
	return host, port
}
