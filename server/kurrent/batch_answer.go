package kurrent

import (
	"context"
	"errors"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// batchAnswers encodes BatchAppendResp messages.
type batchAnswers struct {
	arena   arena
	message encoded
}

// success encodes the answer to an append that was made. Its last part names the
// stream, which clients look at.
func (a *batchAnswers) success(w *batchWrite, r cairn.Revision, p cairn.Position) *encoded {
	const most = 1 + 10 + 1 + 1 + 2*(1+10) // a revision and twice a position
	b := a.begin(w, 2+most)
	var body [most]byte
	ok := body[:0]
	if r < 0 {
		ok = appendHeader(ok, 2, 0)
	} else {
		ok = appendNumber(ok, 1, uint64(r))
	}
	if p == 0 {
		ok = appendHeader(ok, 4, 0)
	} else {
		ok = appendHeader(ok, 3, 2*sizeNumber(uint64(p)))
		ok = appendNumber(appendNumber(ok, 1, uint64(p)), 2, uint64(p))
	}
	return a.end(appendBytes(b, 3, ok), w)
}

// failure encodes the answer to an append that was not made: a code, the name of
// a type, and the facts as a message of that type.
func (a *batchAnswers) failure(w *batchWrite, err error) *encoded {
	code, name, detail := batchError(w.stream, err)
	packed := appendBytes(nil, 1, "type.googleapis.com/"+typeOf(name))
	packed = appendBytes(packed, 2, detail)
	status := appendNumber(nil, 1, uint64(code))
	status = appendBytes(appendBytes(status, 2, name), 3, packed)
	b := a.begin(w, sizeBytes(len(status)))
	return a.end(appendBytes(b, 2, status), w)
}

// begin takes a buffer with room for n bytes more than what every answer says.
func (a *batchAnswers) begin(w *batchWrite, n int) []byte {
	named := sizeBytes(len(w.stream))
	b := a.arena.take(n + sizeBytes(len(w.correlation)) + sizeBytes(named))
	return appendBytes(b, 1, w.correlation)
}

func (a *batchAnswers) end(b []byte, w *batchWrite) *encoded {
	b = appendHeader(b, 4, sizeBytes(len(w.stream)))
	b = appendBytes(b, 3, w.stream)
	a.message.data = a.arena.message(b)
	return &a.message
}

// Messages about the server instead of the append have no detail.
const (
	notReady = "Server Is Not Ready"
	noSpace  = "No space left on the server; nothing was stored."
)

func typeOf(name string) string {
	switch name {
	case notReady:
		return "google.protobuf.Empty"
	case noSpace:
		name = "Unknown" // there is no type for it, and clients go by the type
	}
	return "event_store.client." + name
}

// batchError says what an error is called here.
func batchError(stream string, err error) (codes.Code, string, []byte) {
	if c, ok := errors.AsType[*cairn.ConflictError](err); ok {
		return codes.AlreadyExists, "WrongExpectedVersion", encode(sharedWrongVersion(c))
	}
	if f, ok := errors.AsType[*fault](err); ok {
		return batchFault(f)
	}
	switch {
	case errors.Is(err, cairn.ErrStreamDeleted):
		id := &shared.StreamIdentifier{StreamName: []byte(stream)}
		return codes.NotFound, "StreamDeleted", encode(&shared.StreamDeleted{StreamIdentifier: id})
	case errors.Is(err, access.ErrDenied):
		return codes.PermissionDenied, "AccessDenied", nil
	case errors.Is(err, cairn.ErrInvalid):
		return batchInvalid(err)
	case errors.Is(err, context.DeadlineExceeded):
		return codes.DeadlineExceeded, "Timeout", nil
	case errors.Is(err, cairn.ErrNoSpace):
		return codes.ResourceExhausted, noSpace, nil
	case errors.Is(err, cairn.ErrClosed):
		return codes.OK, notReady, nil
	}
	return codes.Unknown, "Unknown", nil
}

func batchInvalid(err error) (codes.Code, string, []byte) {
	if e, ok := errors.AsType[*cairn.InvalidError](err); ok && e.Limit == cairn.MaxBatchSize {
		return batchFault(maximumAppendSizeExceeded(cairn.MaxBatchSize))
	}
	return codes.InvalidArgument, "BadRequest", encode(&shared.BadRequest{Message: err.Error()})
}

// batchFault says what a fault that other calls end with is called here.
func batchFault(f *fault) (codes.Code, string, []byte) {
	switch f.exception() {
	case "access-denied":
		return codes.PermissionDenied, "AccessDenied", nil
	case "maximum-append-size-exceeded":
		return codes.InvalidArgument, "MaximumAppendSizeExceeded", appendNumber(nil, 1, f.number("maximum-append-size"))
	case "maximum-append-event-size-exceeded":
		b := appendBytes(nil, 1, f.value("event-id"))
		b = appendNumber(b, 2, f.number("proposed-append-event-size"))
		return codes.InvalidArgument, "MaximumAppendEventSizeExceeded", appendNumber(b, 3, f.number("maximum-append-event-size"))
	}
	if f.code == codes.Aborted {
		return codes.DeadlineExceeded, "Timeout", nil
	}
	return codes.InvalidArgument, "BadRequest", encode(&shared.BadRequest{Message: f.message})
}

func encode(m proto.Message) []byte {
	b, err := proto.Marshal(m)
	if err != nil {
		return nil // a text that is not UTF-8; the name of the type says enough
	}
	return b
}

func sharedWrongVersion(c *cairn.ConflictError) *shared.WrongExpectedVersion {
	w := &shared.WrongExpectedVersion{
		CurrentStreamRevisionOption: &shared.WrongExpectedVersion_CurrentStreamRevision{CurrentStreamRevision: uint64(c.Actual)},
	}
	if c.Actual < 0 {
		w.CurrentStreamRevisionOption = &shared.WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &emptypb.Empty{}}
	}
	switch c.Expected {
	case cairn.Any:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedAny{ExpectedAny: &emptypb.Empty{}}
	case cairn.StreamExists:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &emptypb.Empty{}}
	case cairn.NoStream:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &emptypb.Empty{}}
	default:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamPosition{ExpectedStreamPosition: uint64(c.Expected)}
	}
	return w
}
