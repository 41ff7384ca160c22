package kurrent_test

import (
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
	"github.com/cairndb/cairn/server/kurrent"
)

// FuzzV2 sends any request of the second protocol, both ways. It is stored, with
// an answer for every stream, or it is refused for a reason and nothing is.
func FuzzV2(f *testing.F) {
	add := func(checks []*kurrentv2.ConsistencyCheck, records ...*kurrentv2.AppendRecord) {
		b, err := proto.Marshal(&kurrentv2.AppendRecordsRequest{Records: records, Checks: checks})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, int64(cairn.Any))
	}
	full := withID(record("s", "Order.Placed"))[0]
	full.Properties = properties(map[string]any{"a": []any{1, true, nil, "x", map[string]any{"b": 2.5}}})
	full.Schema.Id = new(cairn.NewID().String())
	add(nil, full)
	add([]*kurrentv2.ConsistencyCheck{at("s", 0), at("dead", cairn.Tombstoned)}, record("a", "1"), record("b", "2"), record("a", "3"))
	add([]*kurrentv2.ConsistencyCheck{at("deleted", cairn.StreamExists), {}}, record("dead", "1"))
	p := newPeer(f, kurrent.Options{MaxAppendEventSize: 1000, MaxAppendSize: 4000})
	p.make("s", "live")
	p.make("deleted", "deleted")
	p.make("dead", "tombstoned")
	f.Fuzz(func(t *testing.T, b []byte, expected int64) {
		p := &peer{TB: t, store: p.store, conn: p.conn}
		req := new(kurrentv2.AppendRecordsRequest)
		if proto.Unmarshal(b, req) != nil {
			t.Skip()
		}
		before := p.head()
		got, err := p.records(req.GetRecords(), req.GetChecks()...)
		p.wantStoredOrNot(err, before)
		wanted := map[string]bool{}
		for _, r := range req.GetRecords() {
			wanted[r.GetStream()] = true
		}
		if err == nil && len(got.GetRevisions()) != len(wanted) {
			t.Errorf("%d revisions of %d streams", len(got.GetRevisions()), len(wanted))
		}
		var requests []*kurrentv2.AppendRequest
		for _, r := range req.GetRecords()[:min(8, len(req.GetRecords()))] {
			requests = append(requests, &kurrentv2.AppendRequest{Stream: r.GetStream(), Records: req.GetRecords(), ExpectedRevision: &expected})
		}
		before = p.head()
		answer, err := p.session(requests...)
		p.wantStoredOrNot(err, before)
		if err == nil && len(answer.GetOutput()) != len(requests) {
			t.Errorf("%d answers to %d requests", len(answer.GetOutput()), len(requests))
		}
	})
}

// wantStoredOrNot: what was refused has a reason and left nothing behind.
func (p *peer) wantStoredOrNot(err error, before cairn.Position) {
	p.Helper()
	if err == nil {
		return
	}
	s := status.Convert(err)
	if len(s.Details()) == 0 {
		p.Fatalf("refused without a reason: %v", err)
	}
	if _, ok := s.Details()[0].(*errdetails.ErrorInfo); !ok || p.head() != before {
		p.Errorf("the first detail is a %T, and the head went from %d to %d", s.Details()[0], before, p.head())
	}
}
