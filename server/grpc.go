package server

import (
	"time"

	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // clients may compress
	"google.golang.org/grpc/keepalive"

	"github.com/cairndb/cairn/server/kurrent"
)

// pingTime is how often a client may ask whether the server is alive. KurrentDB's
// do every 10 seconds, also without a call.
const pingTime = 5 * time.Second

// newGRPC makes the gRPC server and registers what it serves.
func (s *Server) newGRPC() *grpc.Server {
	g := grpc.NewServer(append(s.optionsGRPC(), s.opts.GRPC...)...)
	s.kurrent.Register(g)
	s.rpc.Register(g)
	return g
}

// streamWorkers is how many goroutines handle calls one after the other. A call
// needs a deep stack, and growing one took a sixth of the processor time of short
// calls that each had a goroutine of their own. More calls at once still get one.
const streamWorkers = 512

// optionsGRPC leaves windows and buffers as they are in gRPC: others were measured,
// with many callers and with one that streams, and made no difference beyond the
// noise.
func (s *Server) optionsGRPC() []grpc.ServerOption {
	unary := []grpc.UnaryServerInterceptor{s.protectUnary, s.access.UnaryInterceptor()}
	stream := []grpc.StreamServerInterceptor{s.protectStream, s.access.StreamInterceptor(), s.limitStream}
	if in := s.opts.Instruments; in != nil {
		unary = append([]grpc.UnaryServerInterceptor{in.Unary}, unary...)
		stream = append([]grpc.StreamServerInterceptor{in.Stream}, stream...)
	}
	return []grpc.ServerOption{
		grpc.Creds(handshaken{}),
		grpc.ForceServerCodecV2(kurrent.Codec()),
		grpc.MaxRecvMsgSize(s.opts.Limits.MessageSize),
		grpc.MaxConcurrentStreams(uint32(s.opts.Limits.Streams)),
		grpc.ConnectionTimeout(s.opts.Limits.HandshakeTime),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingTime, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 30 * time.Second, Timeout: 20 * time.Second}),
		grpc.WaitForHandlers(true),
		grpc.NumStreamWorkers(streamWorkers),
		grpc.ChainUnaryInterceptor(unary...),
		grpc.ChainStreamInterceptor(stream...),
	}
}
