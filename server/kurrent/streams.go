package kurrent

import "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

// streamsServer is the Streams service.
type streamsServer struct {
	streams.UnimplementedStreamsServer
	*Service
}
