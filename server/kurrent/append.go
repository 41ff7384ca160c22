package kurrent

import (
	"context"
	"errors"
	"io"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// Append implements the call of the same name: options, then events, then one
// answer. Nothing is written unless the client has sent all.
func (s *streamsServer) Append(call streams.Streams_AppendServer) error {
	part := receiving{all: &s.receipts}
	defer part.release()
	w, err := s.receiveAppend(call, &part)
	if err != nil {
		drain(call, s.opts.MaxAppendSize)
		return s.fail(call.Context(), err)
	}
	ctx, cancel := s.writing(call.Context(), "append")
	defer cancel()
	r, err := s.store.Append(ctx, w.Stream, w.Expected, w.Events...)
	if c, ok := errors.AsType[*cairn.ConflictError](err); ok {
		return call.SendAndClose(wrongVersion(c))
	}
	if err != nil {
		return s.fail(call.Context(), err)
	}
	return call.SendAndClose(appended(r))
}

// writing bounds the time that a write may take.
func (s *Service) writing(ctx context.Context, what string) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.opts.WriteTimeout, timedOut(what))
}

// receiveAppend receives a whole request.
func (s *streamsServer) receiveAppend(call streams.Streams_AppendServer, part *receiving) (w cairn.Write, err error) {
	var m appendMessage
	w.Stream, w.Expected, err = s.receiveOptions(call, &m)
	if err != nil {
		return w, err
	}
	var all collection
	for {
		err := call.RecvMsg(&m)
		if err == io.EOF {
			w.Events = all.events
			return w, nil
		}
		if err != nil {
			return w, err
		}
		if err := part.add(m.size); err != nil {
			return w, err
		}
		if err := m.event(&all, &s.opts); err != nil {
			return w, err
		}
	}
}

// receiveOptions receives the first message and checks that the caller may
// write.
func (s *streamsServer) receiveOptions(call streams.Streams_AppendServer, m *appendMessage) (stream string, expected cairn.Revision, err error) {
	err = call.RecvMsg(m)
	if err == io.EOF || err == nil && !m.options.given {
		return "", 0, unhandled()
	}
	if err != nil {
		return "", 0, err
	}
	stream, expected, err = m.target()
	if err != nil {
		return "", 0, err
	}
	return stream, expected, s.mayChange(call.Context(), access.Write, stream)
}

// mayChange checks that the caller may do something to a stream and that it is
// one that can be changed: the log as a whole cannot, nor what is answered from
// the index. The metadata of the log can be, as it says who may read it.
func (s *Service) mayChange(ctx context.Context, a access.Action, stream string) error {
	if err := cairn.ValidateStream("stream", stream); err != nil && stream != allStream {
		return err
	}
	described, _ := cairn.DescribedStream(stream) // or the stream's own name
	if _, ok := virtualStream(described); ok || stream == allStream {
		return notWritable(stream) // what is answered from the index has no metadata either
	}
	return s.access.Check(ctx, a, stream)
}

// drain receives what else the client has to say, up to about a limit in bytes:
// it looks at the answer only when it has said it.
func drain(call streams.Streams_AppendServer, limit int) {
	var m appendMessage
	for limit > 0 && call.RecvMsg(&m) == nil {
		limit -= m.size + 64
	}
}

func appended(r cairn.Receipt) *streams.AppendResp {
	ok := &streams.AppendResp_Success{}
	if r.Revision < 0 {
		ok.CurrentRevisionOption = &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}}
	} else {
		ok.CurrentRevisionOption = &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(r.Revision)}
	}
	if r.Position == 0 {
		ok.PositionOption = &streams.AppendResp_Success_NoPosition{NoPosition: &shared.Empty{}}
	} else {
		p := &streams.AppendResp_Position{CommitPosition: uint64(r.Position), PreparePosition: uint64(r.Position)}
		ok.PositionOption = &streams.AppendResp_Success_Position{Position: p}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: ok}}
}

// wrongVersion answers in the fields of today and in those of version 20.6.
func wrongVersion(c *cairn.ConflictError) *streams.AppendResp {
	w := &streams.AppendResp_WrongExpectedVersion{}
	if c.Actual < 0 {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}}
		w.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_NoStream_20_6_0{NoStream_20_6_0: &shared.Empty{}}
	} else {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(c.Actual)}
		w.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: uint64(c.Actual)}
	}
	sayExpected(w, c.Expected)
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: w}}
}

func sayExpected(w *streams.AppendResp_WrongExpectedVersion, expected cairn.Revision) {
	switch expected {
	case cairn.Any:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: &shared.Empty{}}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_Any_20_6_0{Any_20_6_0: &shared.Empty{}}
	case cairn.StreamExists:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_StreamExists_20_6_0{StreamExists_20_6_0: &shared.Empty{}}
	default: // a revision, or no stream, which was -1 then
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: uint64(expected)}
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: uint64(expected)}
		if expected == cairn.NoStream {
			w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
		}
	}
}
