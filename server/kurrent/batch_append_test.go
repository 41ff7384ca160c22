package kurrent_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// A piece is a message of BatchAppend.
type piece = streams.BatchAppendReq

// piecesOf makes a message of correlation n with events of some IDs; parts change
// it.
func pieceOf(n int, ids []int, parts ...func(*piece)) *piece {
	m := &piece{CorrelationId: uuid(id(n)), IsFinal: true}
	for _, i := range ids {
		m.ProposedMessages = append(m.ProposedMessages, &streams.BatchAppendReq_ProposedMessage{
			Id: uuid(id(i)), Data: []byte("{}"), Metadata: map[string]string{"type": "x", "content-type": "application/json"},
		})
	}
	for _, part := range parts {
		part(m)
	}
	return m
}

func into(stream string, expected cairn.Revision) func(*piece) {
	o := &streams.BatchAppendReq_Options{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)}}
	switch expected {
	case cairn.NoStream:
		o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_NoStream{NoStream: &emptypb.Empty{}}
	case cairn.Any:
		o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_Any{Any: &emptypb.Empty{}}
	case cairn.StreamExists:
		o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamExists{StreamExists: &emptypb.Empty{}}
	default:
		o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: uint64(expected)}
	}
	return func(m *piece) { m.Options = o }
}

func within(d *durationpb.Duration) func(*piece) {
	return func(m *piece) { m.Options.DeadlineOption = &streams.BatchAppendReq_Options_Deadline{Deadline: d} }
}

func before(at time.Time) func(*piece) {
	return func(m *piece) {
		m.Options.DeadlineOption = &streams.BatchAppendReq_Options_Deadline_21_10_0{Deadline_21_10_0: timestamppb.New(at)}
	}
}

func more(m *piece) { m.IsFinal = false }

// batch sends messages and says what was answered, by correlation.
func (w *wire) batch(messages ...*piece) string {
	w.t.Helper()
	call, err := w.streams.BatchAppend(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range messages {
		if err := call.Send(m); err != nil {
			break // the answer says why
		}
	}
	call.CloseSend()
	answers := map[string]string{}
	for {
		m, err := call.Recv()
		if err != nil {
			if err != io.EOF {
				answers["~"] = failure(err, call.Trailer())
			}
			break
		}
		key := m.GetCorrelationId().GetString_()[34:]
		if answers[key] != "" {
			w.t.Errorf("two answers to %s", key)
		}
		if m.GetExpectedStreamPosition() != nil {
			w.t.Errorf("the answer says what was expected")
		}
		answers[key] = fmt.Sprintf("%s: %s", m.GetStreamIdentifier().GetStreamName(), batchAnswer(m))
	}
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(answers)) {
		lines = append(lines, answers[key])
	}
	return strings.Join(lines, ", ")
}

func batchAnswer(m *streams.BatchAppendResp) string {
	if ok := m.GetSuccess(); ok != nil {
		if p := ok.GetPosition(); p.GetCommitPosition() != p.GetPreparePosition() {
			return fmt.Sprint("positions ", p)
		}
		if _, none := ok.GetCurrentRevisionOption().(*streams.BatchAppendResp_Success_NoStream); none {
			return "at none"
		}
		return fmt.Sprint("at ", ok.GetCurrentRevision())
	}
	e := m.GetError()
	if len(e.GetDetails()) != 1 {
		return fmt.Sprint("details ", e.GetDetails())
	}
	facts := detail(e.GetDetails()[0].GetTypeUrl(), e.GetDetails()[0].GetValue())
	return strings.TrimSpace(fmt.Sprintf("%v %s %s", code.Code(e.GetCode()), e.GetMessage(), facts))
}

// detail decodes what an error holds.
func detail(url string, b []byte) string {
	m := map[string]proto.Message{
		"WrongExpectedVersion": &shared.WrongExpectedVersion{}, "StreamDeleted": &shared.StreamDeleted{},
		"MaximumAppendSizeExceeded": &shared.MaximumAppendSizeExceeded{}, "BadRequest": &shared.BadRequest{},
	}[strings.TrimPrefix(url, "type.googleapis.com/event_store.client.")]
	if m == nil {
		return ""
	}
	if err := proto.Unmarshal(b, m); err != nil {
		return err.Error()
	}
	switch m := m.(type) {
	case *shared.WrongExpectedVersion:
		return versions(m)
	case *shared.StreamDeleted:
		return string(m.GetStreamIdentifier().GetStreamName())
	case *shared.MaximumAppendSizeExceeded:
		return fmt.Sprint(m.GetMaxAppendSize())
	}
	return ""
}

func versions(m *shared.WrongExpectedVersion) string {
	actual, expected := fmt.Sprint(m.GetCurrentStreamRevision()), fmt.Sprint(m.GetExpectedStreamPosition())
	if m.GetCurrentNoStream() != nil {
		actual = "none"
	}
	switch m.GetExpectedStreamPositionOption().(type) {
	case *shared.WrongExpectedVersion_ExpectedAny:
		expected = "any"
	case *shared.WrongExpectedVersion_ExpectedNoStream:
		expected = "none"
	case *shared.WrongExpectedVersion_ExpectedStreamExists:
		expected = "exists"
	}
	return actual + " not " + expected
}

func TestBatchAppendExpectations(t *testing.T) {
	const gone, wrong = "NOT_FOUND StreamDeleted s", "ALREADY_EXISTS WrongExpectedVersion "
	states := []string{"missing", "described", "live", "deleted", "tombstoned"}
	for _, row := range []struct {
		expected cairn.Revision
		want     [5]string
	}{
		{cairn.Any, [5]string{"at 0", "at 0", "at 3", "at 3", gone}},
		{cairn.NoStream, [5]string{"at 0", "at 0", wrong + "2 not none", "at 3", gone}},
		{cairn.StreamExists, [5]string{wrong + "none not exists", "at 0", "at 3", gone, gone}},
		{2, [5]string{wrong + "none not 2", wrong + "none not 2", "at 3", "at 3", gone}},
		{1, [5]string{wrong + "none not 1", wrong + "none not 1", wrong + "2 not 1", wrong + "2 not 1", gone}},
	} {
		for i, state := range states {
			t.Run(fmt.Sprintf("%v,%s", row.expected, state), func(t *testing.T) {
				w := newWire(t, kurrent.Options{})
				w.make(state)
				equal(t, "append", w.batch(pieceOf(1, []int{500}, into("s", row.expected))), "s: "+row.want[i])
			})
		}
	}
}

func TestBatchAppend(t *testing.T) {
	change := func(f func(*streams.BatchAppendReq_ProposedMessage)) func(*piece) {
		return func(m *piece) { f(m.ProposedMessages[0]) }
	}
	const bad = "INVALID_ARGUMENT BadRequest"
	for name, c := range map[string]struct {
		messages []*piece
		want     string
	}{
		"nothing":                    {nil, ""},
		"no events":                  {[]*piece{pieceOf(1, nil, into("s", cairn.Any))}, "s: at none"},
		"no options":                 {[]*piece{pieceOf(1, []int{1})}, ""},
		"in pieces":                  {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), more), pieceOf(1, []int{2}, more), pieceOf(1, nil)}, "s: at 1"},
		"options again":              {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), more), pieceOf(1, []int{2}, into("other", 7))}, "s: at 1"},
		"never final":                {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), more)}, ""},
		"two at once":                {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), more), pieceOf(2, []int{2, 3}, into("b", cairn.NoStream)), pieceOf(1, nil)}, "s: at 0, b: at 1"},
		"one after the other":        {[]*piece{pieceOf(1, []int{1}, into("s", cairn.NoStream)), pieceOf(2, []int{2}, into("s", 0)), pieceOf(3, []int{3}, into("s", 0))}, "s: at 0, s: at 1, s: ALREADY_EXISTS WrongExpectedVersion 1 not 0"},
		"again":                      {[]*piece{pieceOf(1, []int{1, 2}, into("s", cairn.NoStream)), pieceOf(2, []int{1, 2}, into("s", cairn.NoStream))}, "s: at 1, s: at 1"},
		"a correlation again":        {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any)), pieceOf(1, nil)}, "s: at 0"},
		"no time":                    {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), within(&durationpb.Duration{}))}, "s: DEADLINE_EXCEEDED Timeout"},
		"less than no time":          {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), within(&durationpb.Duration{Seconds: -1 << 60}))}, "s: DEADLINE_EXCEEDED Timeout"},
		"until long ago":             {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), before(time.Unix(0, 0)))}, "s: DEADLINE_EXCEEDED Timeout"},
		"all the time there is":      {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), within(&durationpb.Duration{Seconds: 315576000000}))}, "s: at 0"},
		"until far ahead":            {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), before(time.Now().Add(time.Hour)))}, "s: at 0"},
		"no stream":                  {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), func(m *piece) { m.Options.StreamIdentifier = nil })}, ": " + bad},
		"an empty stream":            {[]*piece{pieceOf(1, []int{1}, into("", cairn.Any))}, ": " + bad},
		"the log":                    {[]*piece{pieceOf(1, []int{1}, into("$all", cairn.Any))}, "$all: PERMISSION_DENIED AccessDenied"},
		"no expectation":             {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), func(m *piece) { m.Options.ExpectedStreamPosition = nil })}, "s: " + bad},
		"no type":                    {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), change(func(p *streams.BatchAppendReq_ProposedMessage) { delete(p.Metadata, "type") }))}, "s: " + bad},
		"no content type":            {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), change(func(p *streams.BatchAppendReq_ProposedMessage) { delete(p.Metadata, "content-type") }))}, "s: " + bad},
		"an empty type":              {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), change(func(p *streams.BatchAppendReq_ProposedMessage) { p.Metadata["type"] = "" }))}, "s: " + bad},
		"no ID":                      {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), change(func(p *streams.BatchAppendReq_ProposedMessage) { p.Id = nil }))}, "s: " + bad},
		"an ID that is none":         {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), change(func(p *streams.BatchAppendReq_ProposedMessage) { p.Id.Value = &shared.UUID_String_{String_: "?"} }))}, "s: " + bad},
		"bad in the first of pieces": {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), more, change(func(p *streams.BatchAppendReq_ProposedMessage) { p.Metadata = nil })), pieceOf(1, []int{2})}, "s: " + bad},
		"one bad, one good":          {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), change(func(p *streams.BatchAppendReq_ProposedMessage) { p.Id = nil })), pieceOf(2, []int{1}, into("s", cairn.Any))}, "s: " + bad + ", s: at 0"},
		"an event that is too big":   {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), change(func(p *streams.BatchAppendReq_ProposedMessage) { p.Data = make([]byte, 600) }))}, "s: INVALID_ARGUMENT MaximumAppendEventSizeExceeded"},
		"an append that is too big":  {[]*piece{pieceOf(1, []int{1}, into("s", cairn.Any), more, change(big)), pieceOf(1, []int{2}, change(big)), pieceOf(2, []int{3}, into("s", cairn.Any))}, "s: INVALID_ARGUMENT MaximumAppendSizeExceeded 800, s: at 0"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{MaxAppendSize: 800, MaxAppendEventSize: 500})
			equal(t, "answers", w.batch(c.messages...), c.want)
		})
	}
}

func big(p *streams.BatchAppendReq_ProposedMessage) { p.Data = make([]byte, 450) }

// TestBatchAppendKeepsWhatItGets compares events that came this way with what was
// sent; both forms of an ID are echoed as they came.
func TestBatchAppendKeepsWhatItGets(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	call, err := w.streams.BatchAppend(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	structured := &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{MostSignificantBits: -5, LeastSignificantBits: 81985529216486895}}}
	m := pieceOf(1, []int{1, 2}, into("größe", cairn.NoStream))
	m.CorrelationId = structured
	p := m.ProposedMessages[0]
	p.Id, p.Data, p.CustomMetadata = structured, []byte("d"), []byte("m")
	p.Metadata = map[string]string{"type": "ä", "content-type": "application/octet-stream", "other": "y"}
	if err := call.Send(m); err != nil {
		t.Fatal(err)
	}
	resp, err := call.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(resp.GetCorrelationId(), structured) || string(resp.GetStreamIdentifier().GetStreamName()) != "größe" || resp.GetSuccess().GetPosition().GetCommitPosition() != 2 {
		t.Errorf("answer %v", resp)
	}
	events, err := cairn.Collect(w.store.ReadStream(w.ctx, "größe", cairn.ReadOptions{}))
	if err != nil || len(events) != 2 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	e := events[0]
	equal(t, "id", e.ID.String(), "ffffffff-ffff-fffb-0123-456789abcdef")
	equal(t, "event", e.Type+" "+string(e.Data)+" "+string(e.Metadata)+" "+e.Format.String(), "ä d m binary")
	equal(t, "second", events[1].Type+" "+events[1].Format.String(), "x json")
}

// TestBatchAppendMany sends thousands without waiting for an answer: each gets
// one, and nothing is held up.
func TestBatchAppendMany(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	call, err := w.streams.BatchAppend(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	sent := make(chan error, 1)
	go func() {
		for i := range n {
			if err := call.Send(pieceOf(i, []int{i}, into(fmt.Sprint("s", i%7), cairn.Any))); err != nil {
				sent <- err
				return
			}
		}
		sent <- call.CloseSend()
	}()
	seen := map[string]bool{}
	for {
		m, err := call.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(status.Convert(err))
		}
		if m.GetSuccess() == nil {
			t.Fatal(m)
		}
		seen[m.GetCorrelationId().GetString_()] = true
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	if info, err := w.store.Info(w.ctx); len(seen) != n || err != nil || info.Head != n {
		t.Errorf("%d answers, head %d, %v", len(seen), info.Head, err)
	}
}

// TestBatchAppendOpen: appends that are never finished do not fill the memory.
func TestBatchAppendOpen(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	call, err := w.streams.BatchAppend(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	m := pieceOf(1, []int{1}, into("s", cairn.Any), more)
	m.ProposedMessages[0].Data = make([]byte, 8<<20)
	for i := 0; ; i++ {
		m.CorrelationId = uuid(id(i))
		if call.Send(m) != nil {
			break
		}
		if i > 100 {
			t.Fatal("a gigabyte was taken")
		}
	}
	_, err = call.Recv()
	equal(t, "end", failure(err, call.Trailer()), "ResourceExhausted")
}

// TestBatchAppendClose: what the client sent is answered before the call ends,
// though the client would go on.
func TestBatchAppendClose(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	call, err := w.streams.BatchAppend(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Send(pieceOf(1, []int{1}, into("s", cairn.Any))); err != nil {
		t.Fatal(err)
	}
	if m, err := call.Recv(); err != nil || m.GetSuccess() == nil {
		t.Fatal(m, err)
	}
	w.service.Close()
	_, err = call.Recv()
	equal(t, "end", failure(err, call.Trailer()), "Unavailable")
	equal(t, "another", w.batch(pieceOf(1, []int{2}, into("s", cairn.Any))), "Unavailable")
}

// A failing store fails to write, each time in another way.
type failing struct {
	cairn.Store
	err error
}

func (f failing) Append(context.Context, string, cairn.Revision, ...cairn.Event) (cairn.Receipt, error) {
	return cairn.Receipt{}, f.err
}

func (f failing) Commit(context.Context, cairn.Batch) (cairn.BatchReceipt, error) {
	return cairn.BatchReceipt{}, f.err
}

// TestStoreFails says what clients see of a store that cannot write.
func TestStoreFails(t *testing.T) {
	for name, c := range map[string]struct {
		err             error
		append, batched string
	}{
		"closed":        {cairn.ErrClosed, "Unavailable", "OK Server Is Not Ready"},
		"full":          {cairn.ErrNoSpace, "ResourceExhausted", "RESOURCE_EXHAUSTED No space left on the server; nothing was stored."},
		"failed":        {cairn.ErrFailed, "Unavailable", "UNKNOWN Unknown"},
		"read-only":     {cairn.ErrReadOnly, "FailedPrecondition", "UNKNOWN Unknown"},
		"unknown":       {cairn.ErrUnknownOutcome, "Aborted", "UNKNOWN Unknown"},
		"damaged":       {&cairn.CorruptError{}, "DataLoss", "UNKNOWN Unknown"},
		"something":     {io.ErrNoProgress, "Unknown", "UNKNOWN Unknown"},
		"too much":      {&cairn.InvalidError{Field: "batch size in bytes", Limit: cairn.MaxBatchSize}, "InvalidArgument maximum-append-size-exceeded 67108864", "INVALID_ARGUMENT MaximumAppendSizeExceeded 67108864"},
		"out of time":   {context.DeadlineExceeded, "DeadlineExceeded", "DEADLINE_EXCEEDED Timeout"},
		"authenticated": {access.ErrUnauthenticated, "Unauthenticated", "UNKNOWN Unknown"},
		"denied":        {access.ErrDenied, "PermissionDenied access-denied", "PERMISSION_DENIED AccessDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := disk.OpenMemory(nil)
			if err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			o := kurrent.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}
			w := newWireOver(t, failing{store, fmt.Errorf("wrapped: %w", c.err)}, access.Open(), o, nil)
			equal(t, "append", w.send(destination("s", cairn.Any), event(id(1))), c.append)
			equal(t, "batch", w.batch(pieceOf(1, []int{1}, into("s", cairn.Any))), "s: "+c.batched)
			answer, _ := w.remove(true, "s", cairn.Any)
			equal(t, "tombstone", answer, c.append)
			if logged, want := strings.Count(log.String(), "wrapped: "), c.append == "Unknown" || c.append == "DataLoss"; (logged == 3) != want || !want && logged > 0 {
				t.Errorf("logged %d times: %s", logged, log.String())
			}
		})
	}
}

// A stuck store does not answer until it is told to stop waiting.
type stuck struct{ cairn.Store }

func (stuck) Append(ctx context.Context, _ string, _ cairn.Revision, _ ...cairn.Event) (cairn.Receipt, error) {
	<-ctx.Done()
	return cairn.Receipt{}, context.Cause(ctx)
}

// TestWriteTimeout: a write that takes too long is told so by the server.
func TestWriteTimeout(t *testing.T) {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := newWireOver(t, stuck{store}, access.Open(), kurrent.Options{WriteTimeout: time.Millisecond}, nil)
	equal(t, "append", w.send(destination("s", cairn.Any), event(id(1))), "Aborted")
}
