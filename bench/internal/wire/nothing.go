package wire

import (
	"errors"
	"io"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
)

// A nothing answers appends as a KurrentDB server does, without looking at
// them. What it costs is what the transport and the messages cost.
type nothing struct {
	streams.UnimplementedStreamsServer
}

func registerNothing(s *grpc.Server) { streams.RegisterStreamsServer(s, nothing{}) }

func (nothing) Append(call grpc.ClientStreamingServer[streams.AppendReq, streams.AppendResp]) error {
	for {
		_, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return call.SendAndClose(stored)
		}
		if err != nil {
			return err
		}
	}
}

var stored = &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
	CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: 1},
	PositionOption: &streams.AppendResp_Success_Position{
		Position: &streams.AppendResp_Position{CommitPosition: 1, PreparePosition: 1},
	},
}}}

func (nothing) BatchAppend(call grpc.BidiStreamingServer[streams.BatchAppendReq, streams.BatchAppendResp]) error {
	for {
		req, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if req.IsFinal {
			if err := call.Send(batchStored(req)); err != nil {
				return err
			}
		}
	}
}

func batchStored(req *streams.BatchAppendReq) *streams.BatchAppendResp {
	return &streams.BatchAppendResp{
		CorrelationId:    req.CorrelationId,
		StreamIdentifier: req.GetOptions().GetStreamIdentifier(),
		Result: &streams.BatchAppendResp_Success_{Success: &streams.BatchAppendResp_Success{
			CurrentRevisionOption: &streams.BatchAppendResp_Success_CurrentRevision{CurrentRevision: 1},
			PositionOption: &streams.BatchAppendResp_Success_Position{
				Position: &shared.AllStreamPosition{CommitPosition: 1, PreparePosition: 1},
			},
		}},
	}
}
