package kurrent_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	streamerrors "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v2/streams/errors"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// wantTyped checks an error of the second protocol: its code, its reason, which
// is the first detail, and the last, which is read into detail unless it is nil.
func (p *peer) wantTyped(err error, code codes.Code, reason, name string, detail proto.Message) {
	p.Helper()
	s, _ := status.FromError(err)
	details := s.Proto().GetDetails()
	if s.Code() != code || len(details) == 0 {
		p.Fatalf("got %v with %d details, want code %v", err, len(details), code)
	}
	info := new(errdetails.ErrorInfo)
	if err := details[0].UnmarshalTo(info); err != nil {
		p.Fatalf("the first detail: %v", err)
	}
	if got := info.GetDomain() + " " + info.GetReason(); got != reason {
		p.Errorf("the reason is %s, want %s", got, reason)
	}
	if detail == nil {
		if len(details) != 1 {
			p.Errorf("there are further details: %v", details)
		}
		return
	}
	last := details[len(details)-1]
	if len(details) != 2 || last.GetTypeUrl() != "type.googleapis.com/"+name {
		p.Fatalf("the last of %d details is a %s, want a %s", len(details), last.GetTypeUrl(), name)
	}
	if err := proto.Unmarshal(last.GetValue(), detail); err != nil {
		p.Error(err)
	}
}

func properties(m map[string]any) map[string]*structpb.Value {
	s, err := structpb.NewStruct(m)
	if err != nil {
		panic(err)
	}
	return s.GetFields()
}

// TestRecordsThatMakeNoSense names the field that is wrong, through either call.
func TestRecordsThatMakeNoSense(t *testing.T) {
	deep := structpb.NewNullValue()
	for range 70 {
		deep = structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{deep}})
	}
	p := newPeer(t, kurrent.Options{})
	for name, tt := range map[string]struct {
		spoil func(*kurrentv2.AppendRecord)
		field string
	}{
		"an ID that is none":        {func(r *kurrentv2.AppendRecord) { r.RecordId = new("nonsense") }, "records[1].record_id"},
		"an ID of zeros":            {func(r *kurrentv2.AppendRecord) { r.RecordId = new(cairn.ID{}.String()) }, "records[1].record_id"},
		"an empty ID":               {func(r *kurrentv2.AppendRecord) { r.RecordId = new("") }, "records[1].record_id"},
		"no schema":                 {func(r *kurrentv2.AppendRecord) { r.Schema = nil }, "records[1].schema.format records[1].schema.name"},
		"no format":                 {func(r *kurrentv2.AppendRecord) { r.Schema.Format = 0 }, "records[1].schema.format"},
		"an unknown format":         {func(r *kurrentv2.AppendRecord) { r.Schema.Format = 9 }, "records[1].schema.format"},
		"no name":                   {func(r *kurrentv2.AppendRecord) { r.Schema.Name = "" }, "records[1].schema.name"},
		"a name with a space":       {func(r *kurrentv2.AppendRecord) { r.Schema.Name = "a b" }, "records[1].schema.name"},
		"a name that is decomposed": {func(r *kurrentv2.AppendRecord) { r.Schema.Name = "e\u0301" }, "records[1].schema.name"},
		"a schema ID that is none":  {func(r *kurrentv2.AppendRecord) { r.Schema.Id = new("x") }, "records[1].schema.id"},
		"an empty key":              {func(r *kurrentv2.AppendRecord) { r.Properties = properties(map[string]any{"": 1}) }, "records[1].properties"},
		"a value of no kind":        {func(r *kurrentv2.AppendRecord) { r.Properties = map[string]*structpb.Value{"a": {}} }, "records[1].properties"},
		"a nested value of no kind": {func(r *kurrentv2.AppendRecord) {
			r.Properties = properties(map[string]any{"a": map[string]any{"b": []any{1}}})
			r.Properties["a"].GetStructValue().GetFields()["b"].GetListValue().GetValues()[0].Kind = nil
		}, "records[1].properties"},
		"a value that is no number": {func(r *kurrentv2.AppendRecord) { r.Properties = properties(map[string]any{"a": math.Inf(1)}) }, "records[1].properties"},
		"a value nested too deep":   {func(r *kurrentv2.AppendRecord) { r.Properties = map[string]*structpb.Value{"a": deep} }, "records[1].properties"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &peer{TB: t, store: p.store, conn: p.conn}
			broken := record("s", "x")
			tt.spoil(broken)
			records := []*kurrentv2.AppendRecord{record("s", "x"), broken}
			_, err := p.records(records)
			p.wantBadRequest(err, tt.field)
			_, err = p.session(&kurrentv2.AppendRequest{Stream: "s", Records: records})
			p.wantBadRequest(err, tt.field)
		})
	}
	if p.head() != 0 {
		t.Errorf("something was stored")
	}
}

func (p *peer) wantBadRequest(err error, fields string) {
	p.Helper()
	detail := new(errdetails.BadRequest)
	p.wantTyped(err, codes.InvalidArgument, "server BAD_REQUEST", "google.rpc.BadRequest", detail)
	var got []string
	for _, v := range detail.GetFieldViolations() {
		got = append(got, v.GetField())
	}
	if strings.Join(got, " ") != fields {
		p.Errorf("complains about %v, want %s", got, fields)
	}
}

// TestRequestsThatMakeNoSense: streams and what is expected of them.
func TestRequestsThatMakeNoSense(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	fine := []*kurrentv2.AppendRecord{record("s", "x")}
	for name, tt := range map[string]struct {
		err   func(p *peer) error
		field string
	}{
		"records: none":              {recordsErr(nil), "records"},
		"records: no stream":         {recordsErr([]*kurrentv2.AppendRecord{record("", "x")}), "records[0].stream"},
		"records: $$":                {recordsErr([]*kurrentv2.AppendRecord{record("$$", "x")}), "records[0].stream"},
		"records: $all":              {recordsErr([]*kurrentv2.AppendRecord{record("$all", "x")}), "records[0].stream"},
		"records: any":               {recordsErr(fine, at("s", cairn.Any)), "checks[0].stream_state.expected_state"},
		"records: -3":                {recordsErr(fine, at("s", -3)), "checks[0].stream_state.expected_state"},
		"records: -7":                {recordsErr(fine, at("s", -7)), "checks[0].stream_state.expected_state"},
		"records: checked twice":     {recordsErr(fine, at("s", 0), at("t", 0), at("S", 0)), "checks[2].stream_state.stream"},
		"records: check of nothing":  {recordsErr(fine, &kurrentv2.ConsistencyCheck{}), "checks[0]"},
		"records: check of no name":  {recordsErr(fine, at("", 0)), "checks[0].stream_state.stream"},
		"session: no records":        {sessionErr(&kurrentv2.AppendRequest{Stream: "s"}), "records"},
		"session: no stream":         {sessionErr(&kurrentv2.AppendRequest{Records: fine}), "stream"},
		"session: soft-deleted":      {sessionErr(&kurrentv2.AppendRequest{Stream: "s", Records: fine, ExpectedRevision: new(int64(-5))}), "expected_revision"},
		"session: the second is bad": {sessionErr(&kurrentv2.AppendRequest{Stream: "s", Records: fine}, &kurrentv2.AppendRequest{Stream: "$$", Records: fine}), "stream"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &peer{TB: t, store: p.store, conn: p.conn}
			p.wantBadRequest(tt.err(p), tt.field)
		})
	}
	if p.head() != 0 {
		t.Errorf("something was stored")
	}
}

func recordsErr(records []*kurrentv2.AppendRecord, checks ...*kurrentv2.ConsistencyCheck) func(*peer) error {
	return func(p *peer) error {
		_, err := p.records(records, checks...)
		return err
	}
}

func sessionErr(requests ...*kurrentv2.AppendRequest) func(*peer) error {
	return func(p *peer) error {
		_, err := p.session(requests...)
		return err
	}
}

// TestRecordsThatAreTooLarge: by themselves and together.
func TestRecordsThatAreTooLarge(t *testing.T) {
	p := newPeer(t, kurrent.Options{MaxAppendEventSize: 1000, MaxAppendSize: 2500})
	sized := func(size int) *kurrentv2.AppendRecord {
		r := withID(record("s", "x"))[0]
		r.Data = make([]byte, size-1) // and the name
		return r
	}
	fits := []*kurrentv2.AppendRecord{sized(1000), sized(1000), sized(500)}
	for name, call := range map[string]func([]*kurrentv2.AppendRecord) error{
		"records": func(all []*kurrentv2.AppendRecord) error { return recordsErr(all)(p) },
		"session": func(all []*kurrentv2.AppendRecord) error {
			return sessionErr(&kurrentv2.AppendRequest{Stream: "s", Records: all})(p)
		},
	} {
		t.Run(name, func(t *testing.T) {
			large := sized(1001)
			detail := new(streamerrors.AppendRecordSizeExceededErrorDetails)
			p.wantTyped(call([]*kurrentv2.AppendRecord{sized(1), large}), codes.InvalidArgument, "streams APPEND_RECORD_SIZE_EXCEEDED",
				"kurrentdb.protocol.v2.streams.errors.AppendRecordSizeExceededErrorDetails", detail)
			if detail.Stream != "s" || detail.RecordId != large.GetRecordId() || detail.Size != 1001 || detail.MaxSize != 1000 {
				t.Errorf("the detail is %v", detail)
			}
			whole := new(streamerrors.AppendTransactionSizeExceededErrorDetails)
			p.wantTyped(call(append(fits, sized(1))), codes.Aborted, "streams APPEND_TRANSACTION_SIZE_EXCEEDED",
				"kurrentdb.protocol.v2.streams.errors.AppendTransactionSizeExceededErrorDetails", whole)
			if whole.Size != 2501 || whole.MaxSize != 2500 {
				t.Errorf("the detail is %v", whole)
			}
			if err := call(fits); err != nil {
				t.Errorf("what is just not too large: %v", err)
			}
		})
	}
}

// refusing is a store whose commits fail.
type refusing struct {
	cairn.Store
	err error
}

func (r refusing) Commit(ctx context.Context, _ cairn.Batch) (cairn.BatchReceipt, error) {
	if r.err == nil {
		<-ctx.Done()
		return cairn.BatchReceipt{}, context.Cause(ctx)
	}
	return cairn.BatchReceipt{}, r.err
}

// TestStoreErrors: what clients are told when it is not their fault.
func TestStoreErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		code   codes.Code
		reason string
	}{
		"too slow":  {nil, codes.DeadlineExceeded, "server OPERATION_TIMEOUT"},
		"closed":    {cairn.ErrClosed, codes.Unavailable, "server SERVER_NOT_READY"},
		"failed":    {cairn.ErrFailed, codes.Unavailable, "server SERVER_NOT_READY"},
		"full":      {cairn.ErrNoSpace, codes.ResourceExhausted, "server SERVER_OVERLOADED"},
		"damaged":   {&cairn.CorruptError{}, codes.Internal, "server SERVER_MALFUNCTION"},
		"not known": {errors.New("no idea"), codes.Internal, "server SERVER_MALFUNCTION"},
	} {
		t.Run(name, func(t *testing.T) {
			inner := newPeer(t, kurrent.Options{})
			p := newPeerOver(t, refusing{inner.store, tt.err}, access.Open(), kurrent.Options{WriteTimeout: 20 * time.Millisecond})
			_, err := p.records([]*kurrentv2.AppendRecord{record("s", "x")})
			p.wantTyped(err, tt.code, tt.reason, "", nil)
			_, err = p.session(&kurrentv2.AppendRequest{Stream: "s", Records: []*kurrentv2.AppendRecord{record("", "x")}})
			p.wantTyped(err, tt.code, tt.reason, "", nil)
		})
	}
}
