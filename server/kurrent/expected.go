package kurrent

import (
	"math"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn"
)

// An expectation is where a request says that its stream must stand. Requests
// have types of their own for the same choice, so each is looked at through
// its getters.
type expectation interface {
	GetStreamIdentifier() *shared.StreamIdentifier
	GetRevision() uint64
}

// target is what a request says about its stream: its name and where it must
// stand. A request that says neither is an invalid argument.
func target(options expectation) (stream string, expected cairn.Revision, err error) {
	if options.GetStreamIdentifier() == nil {
		return "", 0, invalidArgument("a stream identifier is required")
	}
	stream = string(options.GetStreamIdentifier().GetStreamName())
	switch kindOf(options) {
	case kindRevision:
		if options.GetRevision() > math.MaxInt64 {
			return "", 0, invalidArgument("revision %d is beyond the last there can be", options.GetRevision())
		}
		return stream, cairn.Revision(options.GetRevision()), nil
	case kindNoStream:
		return stream, cairn.NoStream, nil
	case kindAny:
		return stream, cairn.Any, nil
	case kindStreamExists:
		return stream, cairn.StreamExists, nil
	}
	return "", 0, invalidArgument("an expected stream revision is required")
}

type expectedKind int

const (
	kindNone expectedKind = iota
	kindRevision
	kindNoStream
	kindAny
	kindStreamExists
)

func kindOf(options expectation) expectedKind {
	var v any
	switch o := options.(type) {
	case *streams.DeleteReq_Options:
		v = o.GetExpectedStreamRevision()
	case *streams.TombstoneReq_Options:
		v = o.GetExpectedStreamRevision()
	}
	switch v.(type) {
	case *streams.DeleteReq_Options_Revision, *streams.TombstoneReq_Options_Revision:
		return kindRevision
	case *streams.DeleteReq_Options_NoStream, *streams.TombstoneReq_Options_NoStream:
		return kindNoStream
	case *streams.DeleteReq_Options_Any, *streams.TombstoneReq_Options_Any:
		return kindAny
	case *streams.DeleteReq_Options_StreamExists, *streams.TombstoneReq_Options_StreamExists:
		return kindStreamExists
	}
	return kindNone
}
