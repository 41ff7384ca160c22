package kurrent_test

import (
	"io"
	"testing"

	streamerrors "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v2/streams/errors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
	"github.com/cairndb/cairn/server/kurrent"
)

func request(stream string, expected cairn.Revision, names ...string) *kurrentv2.AppendRequest {
	r := &kurrentv2.AppendRequest{Stream: stream, ExpectedRevision: new(int64(expected))}
	for _, name := range names {
		r.Records = append(r.Records, record("", name))
	}
	withID(r.Records...)
	return r
}

// TestAppendSession appends to several streams and gets an answer for each.
func TestAppendSession(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	p.make("live", "live")
	unsaid := request("c", 0, "6")
	unsaid.ExpectedRevision = nil
	requests := []*kurrentv2.AppendRequest{
		request("b", cairn.NoStream, "1", "2"), request("live", 2, "3", "4"), request("a", cairn.Any, "5"), unsaid,
	}
	want := &kurrentv2.AppendSessionResponse{Position: 9, Output: []*kurrentv2.AppendResponse{
		{Stream: "b", StreamRevision: 1}, {Stream: "live", StreamRevision: 4}, {Stream: "a"}, {Stream: "c"},
	}}
	for _, what := range []string{"first", "repeated"} {
		got, err := p.session(requests...)
		if err != nil || !proto.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", what, got, err, want)
		}
	}
	if p.head() != 9 {
		t.Errorf("the head is %d, want 9", p.head())
	}
}

// TestAppendSessionExpectations: what is told when a stream stands elsewhere.
func TestAppendSessionExpectations(t *testing.T) {
	const ok, gone = cairn.Revision(-100), cairn.Revision(-101)
	states := []string{"missing", "live", "deleted", "tombstoned"}
	for _, row := range []struct {
		expected cairn.Revision
		want     [4]cairn.Revision // where the conflict says that the stream is
	}{
		{cairn.Any, [4]cairn.Revision{ok, ok, ok, gone}},
		{cairn.NoStream, [4]cairn.Revision{ok, 2, ok, gone}},
		{cairn.StreamExists, [4]cairn.Revision{-1, ok, gone, gone}},
		{2, [4]cairn.Revision{-1, ok, ok, gone}},
		{0, [4]cairn.Revision{-1, 2, 2, gone}},
		{9, [4]cairn.Revision{-1, 2, 2, gone}},
	} {
		for i, state := range states {
			t.Run(row.expected.String()+","+state, func(t *testing.T) {
				p := newPeer(t, kurrent.Options{})
				p.make("s", state)
				before := p.head()
				_, err := p.session(request("other", cairn.Any, "x"), request("s", row.expected, "y"))
				switch want := row.want[i]; want {
				case ok:
					if err != nil {
						t.Fatal(err)
					}
					return
				case gone:
					detail := new(streamerrors.StreamTombstonedErrorDetails)
					p.wantTyped(err, codes.FailedPrecondition, "streams STREAM_TOMBSTONED",
						"kurrentdb.protocol.v2.streams.errors.StreamTombstonedErrorDetails", detail)
					if detail.Stream != "s" {
						t.Errorf("the detail is %v", detail)
					}
				default:
					detail := new(streamerrors.StreamRevisionConflictErrorDetails)
					p.wantTyped(err, codes.FailedPrecondition, "streams STREAM_REVISION_CONFLICT",
						"kurrentdb.protocol.v2.streams.errors.StreamRevisionConflictErrorDetails", detail)
					if detail.Stream != "s" || detail.ExpectedRevision != int64(row.expected) || detail.ActualRevision != int64(want) {
						t.Errorf("the detail is %v", detail)
					}
				}
				if p.head() != before {
					t.Errorf("something was stored")
				}
			})
		}
	}
}

// TestAppendSessionShape: without requests, and with two for one stream.
func TestAppendSessionShape(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	_, err := p.session()
	p.wantTyped(err, codes.FailedPrecondition, "streams APPEND_SESSION_NO_REQUESTS", "", nil)

	detail := new(streamerrors.StreamAlreadyInAppendSessionErrorDetails)
	_, err = p.session(request("straße", cairn.Any, "x"), request("t", cairn.Any, "x"), request("STRAßE", cairn.Any, "x"))
	p.wantTyped(err, codes.Aborted, "streams STREAM_ALREADY_IN_APPEND_SESSION",
		"kurrentdb.protocol.v2.streams.errors.StreamAlreadyInAppendSessionErrorDetails", detail)
	if detail.Stream != "STRAßE" || p.head() != 0 {
		t.Errorf("the detail is %v, the head %d", detail, p.head())
	}
}

// TestAppendSessionGoesOnSending: a client that sends on after its mistake
// learns what it was.
func TestAppendSessionGoesOnSending(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	requests := []*kurrentv2.AppendRequest{request("$$", cairn.Any, "x")}
	for range 2000 {
		requests = append(requests, request("s", cairn.Any, "x"))
	}
	_, err := p.session(requests...)
	p.wantBadRequest(err, "stream")
}

// TestAppendSessionDoesNotListenForEver to a client that goes on.
func TestAppendSessionDoesNotListenForEver(t *testing.T) {
	p := newPeer(t, kurrent.Options{MaxAppendSize: 1000})
	stream, err := p.conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true}, v2Path+"AppendSession")
	for err == nil {
		err = stream.SendMsg(request("$$", cairn.Any, "x"))
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	p.wantBadRequest(stream.RecvMsg(new(kurrentv2.AppendSessionResponse)), "stream")
}
