package kurrent

import (
	"fmt"

	streamerrors "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v2/streams/errors"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
)

func v2Tombstoned(stream string) error {
	return ofStreams(codes.FailedPrecondition, "STREAM_TOMBSTONED", fmt.Sprintf("Stream '%s' has been tombstoned.", stream),
		&streamerrors.StreamTombstonedErrorDetails{Stream: stream})
}

func v2Conflict(e *cairn.ConflictError) error {
	return ofStreams(codes.FailedPrecondition, "STREAM_REVISION_CONFLICT",
		fmt.Sprintf("Append failed due to a revision conflict on stream '%s'. Expected revision: %d. Actual revision: %d.",
			e.Stream, int64(e.Expected), int64(e.Actual)),
		&streamerrors.StreamRevisionConflictErrorDetails{
			Stream: e.Stream, ExpectedRevision: int64(e.Expected), ActualRevision: int64(e.Actual),
		})
}

func v2TwiceInSession(stream string) error {
	return ofStreams(codes.Aborted, "STREAM_ALREADY_IN_APPEND_SESSION",
		fmt.Sprintf("Stream '%s' is already part of this append session.", stream),
		&streamerrors.StreamAlreadyInAppendSessionErrorDetails{Stream: stream})
}

func v2NoRequests() error {
	return typed(codes.FailedPrecondition, domainStreams, "APPEND_SESSION_NO_REQUESTS", "The append session holds no requests.")
}

func v2RecordTooLarge(stream, id string, size, limit int) error {
	return ofStreams(codes.InvalidArgument, "APPEND_RECORD_SIZE_EXCEEDED",
		fmt.Sprintf("The size of record %s (%d bytes) exceeds the maximum of %d bytes.", id, size, limit),
		&streamerrors.AppendRecordSizeExceededErrorDetails{Stream: stream, RecordId: id, Size: int32(size), MaxSize: int32(limit)})
}

func v2AppendTooLarge(size, limit int) error {
	return ofStreams(codes.Aborted, "APPEND_TRANSACTION_SIZE_EXCEEDED",
		fmt.Sprintf("The size of the append (%d bytes) exceeds the maximum of %d bytes.", size, limit),
		&streamerrors.AppendTransactionSizeExceededErrorDetails{Size: int32(size), MaxSize: int32(limit)})
}

// v2Invalid says which fields of a request make no sense.
func v2Invalid(fields ...*errdetails.BadRequest_FieldViolation) error {
	message := fmt.Sprintf("The request is invalid: %s: %s", fields[0].Field, fields[0].Description)
	return typed(codes.InvalidArgument, domainServer, "BAD_REQUEST", message,
		packed("google.rpc.BadRequest", &errdetails.BadRequest{FieldViolations: fields}))
}

// v2MaxDetails is how many bytes the details of an error may have, about: a
// trailer is not a place for more.
const v2MaxDetails = 16 << 10

// v2Violations says which checks failed: as many of them as go into a trailer.
func v2Violations(all []*kurrentv2.Violation) error {
	detail := &kurrentv2.AppendConsistencyViolation{}
	for _, v := range all {
		detail.Violations = append(detail.Violations, v)
		if proto.Size(detail) >= v2MaxDetails {
			break
		}
	}
	return typed(codes.FailedPrecondition, domainStreams, "APPEND_CONSISTENCY_VIOLATION",
		fmt.Sprintf("%d consistency checks failed.", len(all)),
		packed("kurrentdb.protocol.v2.streams.errors.AppendConsistencyViolationErrorDetails", detail))
}
