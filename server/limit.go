package server

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errBusy is what a client is told that would be one too many. It may try again.
var errBusy = status.Error(codes.Unavailable, "Server Is Too Busy")

// limitStream bounds how many readers there are at once.
func (s *Server) limitStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if !info.IsServerStream || info.IsClientStream {
		return handle(srv, stream)
	}
	defer s.readers.Add(-1)
	if s.readers.Add(1) > int64(s.opts.Limits.Reads) {
		return errBusy
	}
	return handle(srv, stream)
}
