package kurrent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent"
)

func destination(stream string, expected cairn.Revision) *streams.AppendReq {
	o := &streams.AppendReq_Options{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)}}
	switch expected {
	case cairn.NoStream:
		o.ExpectedStreamRevision = &streams.AppendReq_Options_NoStream{NoStream: &shared.Empty{}}
	case cairn.Any:
		o.ExpectedStreamRevision = &streams.AppendReq_Options_Any{Any: &shared.Empty{}}
	case cairn.StreamExists:
		o.ExpectedStreamRevision = &streams.AppendReq_Options_StreamExists{StreamExists: &shared.Empty{}}
	default:
		o.ExpectedStreamRevision = &streams.AppendReq_Options_Revision{Revision: uint64(expected)}
	}
	return &streams.AppendReq{Content: &streams.AppendReq_Options_{Options: o}}
}

func event(id cairn.ID, changes ...func(*streams.AppendReq_ProposedMessage)) *streams.AppendReq {
	p := &streams.AppendReq_ProposedMessage{Id: uuid(id), Data: []byte("{}")}
	p.Metadata = map[string]string{"type": "x", "content-type": "application/json"}
	for _, change := range changes {
		change(p)
	}
	return &streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: p}}
}

// send is what an append of messages answers.
func (w *wire) send(messages ...*streams.AppendReq) string {
	w.t.Helper()
	call, err := w.streams.Append(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range messages {
		if call.Send(m) != nil {
			break // the answer says why
		}
	}
	resp, err := call.CloseAndRecv()
	if err != nil {
		return failure(err, call.Trailer())
	}
	if ok := resp.GetSuccess(); ok != nil {
		if _, none := ok.GetCurrentRevisionOption().(*streams.AppendResp_Success_NoStream); none {
			return "at none"
		}
		return fmt.Sprint("at ", ok.GetCurrentRevision())
	}
	return refusal(resp.GetWrongExpectedVersion())
}

// refusal says what the present fields do, and the old ones in brackets.
func refusal(r *streams.AppendResp_WrongExpectedVersion) string {
	name := func(v any) string {
		switch v.(type) {
		case *streams.AppendResp_WrongExpectedVersion_CurrentNoStream, *streams.AppendResp_WrongExpectedVersion_NoStream_20_6_0,
			*streams.AppendResp_WrongExpectedVersion_ExpectedNoStream:
			return "none"
		case *streams.AppendResp_WrongExpectedVersion_ExpectedAny, *streams.AppendResp_WrongExpectedVersion_Any_20_6_0:
			return "any"
		case *streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists, *streams.AppendResp_WrongExpectedVersion_StreamExists_20_6_0:
			return "exists"
		case *streams.AppendResp_WrongExpectedVersion_CurrentRevision:
			return fmt.Sprint(r.GetCurrentRevision())
		case *streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0:
			return fmt.Sprint(r.GetCurrentRevision_20_6_0())
		case *streams.AppendResp_WrongExpectedVersion_ExpectedRevision:
			return fmt.Sprint(r.GetExpectedRevision())
		case *streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0:
			return fmt.Sprint(int64(r.GetExpectedRevision_20_6_0()))
		}
		return fmt.Sprintf("%T", v)
	}
	return fmt.Sprintf("%s not %s (%s not %s)", name(r.GetCurrentRevisionOption()), name(r.GetExpectedRevisionOption()),
		name(r.GetCurrentRevisionOption_20_6_0()), name(r.GetExpectedRevisionOption_20_6_0()))
}

// TestAppendExpectations appends one event to a stream in each state.
func TestAppendExpectations(t *testing.T) {
	const gone = "FailedPrecondition stream-deleted s"
	states := []string{"missing", "described", "live", "deleted", "tombstoned"}
	for _, row := range []struct {
		expected cairn.Revision
		want     [5]string
	}{
		{cairn.Any, [5]string{"at 0", "at 0", "at 3", "at 3", gone}},
		{cairn.NoStream, [5]string{"at 0", "at 0", "2 not none (2 not -1)", "at 3", gone}},
		{cairn.StreamExists, [5]string{"none not exists (none not exists)", "at 0", "at 3", gone, gone}},
		{2, [5]string{"none not 2 (none not 2)", "none not 2 (none not 2)", "at 3", "at 3", gone}},
		{1, [5]string{"none not 1 (none not 1)", "none not 1 (none not 1)", "2 not 1 (2 not 1)", "2 not 1 (2 not 1)", gone}},
		{7, [5]string{"none not 7 (none not 7)", "none not 7 (none not 7)", "2 not 7 (2 not 7)", "2 not 7 (2 not 7)", gone}},
	} {
		for i, state := range states {
			t.Run(fmt.Sprintf("%v,%s", row.expected, state), func(t *testing.T) {
				w := newWire(t, kurrent.Options{})
				w.make(state)
				equal(t, "append", w.send(destination("s", row.expected), event(w.id())), row.want[i])
			})
		}
	}
}

// TestAppendNothing: the expectation counts, and a deleted stream lives again.
func TestAppendNothing(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	for range 2 {
		equal(t, "any", w.send(destination("none", cairn.Any)), "at none")
		equal(t, "no stream", w.send(destination("none", cairn.NoStream)), "at none")
	}
	equal(t, "exists", w.send(destination("none", cairn.StreamExists)), "none not exists (none not exists)")
	equal(t, "read", w.read(ofStream("none")), "not found none")
	w.make("deleted")
	equal(t, "revival", w.send(destination("s", cairn.Any)), "at 2")
	equal(t, "read", w.read(ofStream("s")), "")
}

// TestAppendAgain appends events that may have been appended before: the names
// are lists of events and what each append expects.
func TestAppendAgain(t *testing.T) {
	for name, want := range map[string]string{
		"012345 0-1":  "at 0",
		"012345 0-2":  "at 0",
		"012345 05":   "at 6",
		"012345 06":   "5 not 6",
		"012345 04":   "5 not 4",
		"0 00":        "at 1",
		"0 1-2 1-2":   "at 1",
		"01 10":       "at 1",
		"01 1-2":      "at 1",
		"01 012-1":    "1 not none",
		"0123 0123-2": "at 3",
		"0000 0-1":    "at 0",
		"000 000-2":   "at 0",
		"000 000-1":   "at 2",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{})
			got := ""
			for i, step := range strings.Fields(name) {
				ids, expected := step, cairn.NoStream
				if i > 0 {
					ids, expected = splitStep(step)
				}
				messages := []*streams.AppendReq{destination("s", expected)}
				for _, n := range ids {
					messages = append(messages, event(id(int(n))))
				}
				got = w.send(messages...)
			}
			got, _, _ = strings.Cut(got, " (")
			equal(t, "last append", got, want)
		})
	}
}

// splitStep takes the expectation from the end.
func splitStep(step string) (ids string, expected cairn.Revision) {
	if ids, n, ok := strings.Cut(step, "-"); ok {
		return ids, -cairn.Revision(n[0] - '0')
	}
	return step[:len(step)-1], cairn.Revision(step[len(step)-1] - '0')
}

func TestAppendDeletedIDsAreForgotten(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	equal(t, "first", w.send(destination("s", cairn.NoStream), event(id(1))), "at 0")
	w.softDelete("s")
	equal(t, "after the deletion", w.send(destination("s", cairn.NoStream), event(id(1))), "at 1")
}

// TestAppendPosition: commit and prepare are one, rise, and are the same again
// for a retry.
func TestAppendPosition(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	position := func(n int) uint64 {
		call, err := w.streams.Append(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		call.Send(destination("s", cairn.Any))
		call.Send(event(id(n)))
		resp, err := call.CloseAndRecv()
		if err != nil {
			t.Fatal(err)
		}
		p := resp.GetSuccess().GetPosition()
		if p.GetCommitPosition() != p.GetPreparePosition() {
			t.Errorf("commit %d, prepare %d", p.GetCommitPosition(), p.GetPreparePosition())
		}
		return p.GetCommitPosition()
	}
	first, second, again := position(1), position(2), position(1)
	if first == 0 || second <= first || again != first {
		t.Errorf("positions %d, %d, and %d again", first, second, again)
	}
}

func TestAppendMalformed(t *testing.T) {
	to := destination("s", cairn.Any)
	zero := event(cairn.ID{})
	with := func(change func(*streams.AppendReq_ProposedMessage)) *streams.AppendReq { return event(id(1), change) }
	meta := func(key, value string) *streams.AppendReq {
		return with(func(p *streams.AppendReq_ProposedMessage) { p.Metadata[key] = value })
	}
	without := func(key string) *streams.AppendReq {
		return with(func(p *streams.AppendReq_ProposedMessage) { delete(p.Metadata, key) })
	}
	big := with(func(p *streams.AppendReq_ProposedMessage) { p.Data = make([]byte, 600) })
	noTarget := destination("s", cairn.Any)
	noTarget.GetOptions().ExpectedStreamRevision = nil
	noName := destination("s", cairn.Any)
	noName.GetOptions().StreamIdentifier = nil
	const missing = "InvalidArgument missing-required-metadata-property type,content-type"
	for name, c := range map[string]struct {
		messages []*streams.AppendReq
		want     string
	}{
		"nothing":                 {nil, "Unknown"},
		"an event first":          {[]*streams.AppendReq{event(id(1))}, "Unknown"},
		"options twice":           {[]*streams.AppendReq{to, to}, "Unknown"},
		"an empty message":        {[]*streams.AppendReq{to, {}}, "Unknown"},
		"no expectation":          {[]*streams.AppendReq{noTarget}, "InvalidArgument"},
		"no stream":               {[]*streams.AppendReq{noName}, "InvalidArgument"},
		"an empty stream":         {[]*streams.AppendReq{destination("", cairn.Any)}, "InvalidArgument"},
		"the metadata of nothing": {[]*streams.AppendReq{destination("$$", cairn.Any)}, "InvalidArgument"},
		"the log":                 {[]*streams.AppendReq{destination("$all", cairn.Any), event(id(1))}, "PermissionDenied access-denied"},
		"a category":              {[]*streams.AppendReq{destination("$ce-s", cairn.Any), event(id(1))}, "PermissionDenied access-denied"},
		"the metadata of a type":  {[]*streams.AppendReq{destination("$$$et-s", cairn.Any), event(id(1))}, "PermissionDenied access-denied"},
		"no type":                 {[]*streams.AppendReq{to, without("type")}, missing},
		"no content type":         {[]*streams.AppendReq{to, without("content-type")}, missing},
		"an empty type":           {[]*streams.AppendReq{to, meta("type", "")}, "Unknown"},
		"a zero ID":               {[]*streams.AppendReq{to, zero}, "Unknown"},
		"an ID that is none": {[]*streams.AppendReq{to, with(func(p *streams.AppendReq_ProposedMessage) {
			p.Id = &shared.UUID{Value: &shared.UUID_String_{String_: "?"}}
		})}, "Unknown"},
		"the end of a stream":       {[]*streams.AppendReq{to, meta("type", "$streamDeleted")}, "InvalidArgument"},
		"an event that is too big":  {[]*streams.AppendReq{to, big}, "InvalidArgument maximum-append-event-size-exceeded " + id(1).String()},
		"events that are too many":  {[]*streams.AppendReq{to, event(id(1)), event(id(2)), padded(3), padded(4), padded(5)}, "InvalidArgument maximum-append-size-exceeded 1000"},
		"a wrong event after right": {[]*streams.AppendReq{to, event(id(1)), without("type")}, missing},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{MaxAppendSize: 1000, MaxAppendEventSize: 500})
			equal(t, "append", w.send(c.messages...), c.want)
			if info, err := w.store.Info(w.ctx); err != nil || info.Head != 0 {
				t.Errorf("head %d, %v", info.Head, err)
			}
		})
	}
}

func padded(n int) *streams.AppendReq {
	return event(id(n), func(p *streams.AppendReq_ProposedMessage) { p.Data = make([]byte, 400) })
}

// TestAppendCancelled: a client that goes away in the middle has written nothing.
func TestAppendCancelled(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	f := w.follow(ofAll)
	f.want("confirmed", "live")
	call, err := w.streams.Append(contextOf(w))
	if err != nil {
		t.Fatal(err)
	}
	call.Send(destination("s", cairn.Any))
	call.Send(event(w.id()))
	w.abandon()
	w.put("other", "x")
	f.want("other/0")
}

// TestAppendKeepsWhatItGets reads back what was appended.
func TestAppendKeepsWhatItGets(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	structured := event(id(1), func(p *streams.AppendReq_ProposedMessage) {
		p.Id = &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
			MostSignificantBits: 81985529216486895, LeastSignificantBits: 81985529216486895}}}
		p.Metadata = map[string]string{"type": "größer", "content-type": "application/x", "other": "y"}
		p.CustomMetadata, p.Data = []byte{0, 0xff}, []byte("not json")
	})
	equal(t, "append", w.send(destination("s", cairn.NoStream), structured, event(id(2))), "at 1")
	events, err := cairn.Collect(w.store.ReadStream(w.ctx, "s", cairn.ReadOptions{}))
	if err != nil || len(events) != 2 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	e := events[0]
	equal(t, "id", e.ID.String(), "01234567-89ab-cdef-0123-456789abcdef")
	equal(t, "type", e.Type, "größer")
	equal(t, "format", e.Format.String(), "binary")
	equal(t, "metadata", string(e.Metadata), "\x00\xff")
	equal(t, "data", string(e.Data), "not json")
	equal(t, "format of JSON", events[1].Format.String(), "json")
}
