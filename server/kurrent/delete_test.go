package kurrent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent"
)

// remove deletes a stream and says what was answered, and the text of an error.
func (w *wire) remove(tombstone bool, stream string, expected cairn.Revision) (answer, text string) {
	w.t.Helper()
	id := &shared.StreamIdentifier{StreamName: []byte(stream)}
	soft, hard := &streams.DeleteReq_Options{StreamIdentifier: id}, &streams.TombstoneReq_Options{StreamIdentifier: id}
	switch expected {
	case cairn.NoStream:
		soft.ExpectedStreamRevision = &streams.DeleteReq_Options_NoStream{NoStream: &shared.Empty{}}
		hard.ExpectedStreamRevision = &streams.TombstoneReq_Options_NoStream{NoStream: &shared.Empty{}}
	case cairn.Any:
		soft.ExpectedStreamRevision = &streams.DeleteReq_Options_Any{Any: &shared.Empty{}}
		hard.ExpectedStreamRevision = &streams.TombstoneReq_Options_Any{Any: &shared.Empty{}}
	case cairn.StreamExists:
		soft.ExpectedStreamRevision = &streams.DeleteReq_Options_StreamExists{StreamExists: &shared.Empty{}}
		hard.ExpectedStreamRevision = &streams.TombstoneReq_Options_StreamExists{StreamExists: &shared.Empty{}}
	default:
		soft.ExpectedStreamRevision = &streams.DeleteReq_Options_Revision{Revision: uint64(expected)}
		hard.ExpectedStreamRevision = &streams.TombstoneReq_Options_Revision{Revision: uint64(expected)}
	}
	before, err := w.store.Info(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	var trailer metadata.MD
	var commit, prepare uint64
	if tombstone {
		resp, e := w.streams.Tombstone(w.ctx, &streams.TombstoneReq{Options: hard}, grpc.Trailer(&trailer))
		commit, prepare, err = resp.GetPosition().GetCommitPosition(), resp.GetPosition().GetPreparePosition(), e
	} else {
		resp, e := w.streams.Delete(w.ctx, &streams.DeleteReq{Options: soft}, grpc.Trailer(&trailer))
		commit, prepare, err = resp.GetPosition().GetCommitPosition(), resp.GetPosition().GetPreparePosition(), e
	}
	if err != nil {
		return failure(err, trailer), status.Convert(err).Message()
	}
	if commit != prepare || commit != uint64(before.Head)+1 {
		w.t.Errorf("commit %d, prepare %d; head was %d", commit, prepare, before.Head)
	}
	return "ok", ""
}

func TestDeleteExpectations(t *testing.T) {
	const gone = "gone"
	states := []string{"missing", "described", "live", "deleted", "tombstoned"}
	for _, row := range []struct {
		expected   cairn.Revision
		soft, hard [5]string
	}{
		{cairn.Any, [5]string{"at -1", "ok", "ok", "ok", gone}, [5]string{"ok", "ok", "ok", "ok", gone}},
		{cairn.NoStream, [5]string{"at -1", "ok", "at 2", "ok", gone}, [5]string{"ok", "ok", "at 2", "ok", gone}},
		{cairn.StreamExists, [5]string{"at -1", "ok", "ok", gone, gone}, [5]string{"at -1", "ok", "ok", gone, gone}},
		{2, [5]string{"at -1", "at -1", "ok", "ok", gone}, [5]string{"at -1", "at -1", "ok", "ok", gone}},
		{1, [5]string{"at -1", "at -1", "at 2", "at 2", gone}, [5]string{"at -1", "at -1", "at 2", "at 2", gone}},
	} {
		for i, state := range states {
			for _, tombstone := range []bool{false, true} {
				want := row.soft[i]
				if tombstone {
					want = row.hard[i]
				}
				t.Run(fmt.Sprintf("%v,%s,tombstone=%v", row.expected, state, tombstone), func(t *testing.T) {
					w := newWire(t, kurrent.Options{})
					w.make(state)
					answer, text := w.remove(tombstone, "s", row.expected)
					if actual, ok := strings.CutPrefix(want, "at "); ok {
						want = fmt.Sprintf("FailedPrecondition wrong-expected-version s %d %s", row.expected, actual)
						equal(t, "text", text, fmt.Sprintf("Delete failed due to WrongExpectedVersion. Stream: s, Expected version: %d, Actual version: %s", row.expected, actual))
					}
					if want == gone {
						want = "FailedPrecondition stream-deleted s"
						equal(t, "text", text, "Event stream 's' is deleted.")
					}
					equal(t, "answer", answer, want)
				})
			}
		}
	}
}

func TestDeleteWhatCannotBe(t *testing.T) {
	for _, tombstone := range []bool{false, true} {
		w := newWire(t, kurrent.Options{})
		for stream, want := range map[string]string{
			"$all":  "PermissionDenied access-denied",
			"$ce-x": "PermissionDenied access-denied",
			"$$s":   "PermissionDenied access-denied",
			"":      "InvalidArgument",
			"$$":    "InvalidArgument",
		} {
			answer, _ := w.remove(tombstone, stream, cairn.Any)
			equal(t, stream, answer, want)
		}
	}
}

// TestDeleteNamesInTrailers: a trailer holds ASCII only.
func TestDeleteNamesInTrailers(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	answer, text := w.remove(false, "ü b", cairn.Any)
	equal(t, "trailers", answer, "FailedPrecondition wrong-expected-version %C3%BC b -2 -1")
	equal(t, "text", text, "Delete failed due to WrongExpectedVersion. Stream: ü b, Expected version: -2, Actual version: -1")
}

// TestDeleteRevival: after a deletion a stream goes on where it was, and its
// metadata says so.
func TestDeleteRevival(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.putMany("s", 1)
	w.describe("s", `{"$maxCount":9,"k":"v"}`)
	w.describe("s", `{"$tb":9223372036854775807,"$maxCount":9,"k":"v"}`)
	equal(t, "deleted by hand", w.read(ofStream("s")), "not found s")
	equal(t, "append", w.send(destination("s", cairn.NoStream), event(w.id()), event(w.id())), "at 2")
	equal(t, "once only", w.send(destination("s", cairn.NoStream), event(w.id())), "2 not none (2 not -1)")
	equal(t, "read", w.read(ofStream("s")), "s/1, s/2")
	info, err := w.store.StreamInfo(w.ctx, "s")
	if err != nil || info.Metadata.TruncateBefore != 1 || info.Metadata.MaxCount != 9 || string(info.Metadata.Custom["k"]) != `"v"` || info.MetadataRevision != 2 {
		t.Errorf("metadata %+v at %d, %v", info.Metadata, info.MetadataRevision, err)
	}
}
