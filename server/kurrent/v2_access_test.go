package kurrent_test

import (
	"context"
	"testing"

	v2errors "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v2/errors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
	"github.com/cairndb/cairn/server/kurrent"
)

// TestV2Access: who appends has to be able to write to what is written, and to
// read what is only checked.
func TestV2Access(t *testing.T) {
	p := newSecurePeer(t, kurrent.Options{})
	for stream, acl := range map[string]cairn.ACL{
		"writable": {Read: []string{}, Write: []string{"ann"}},
		"readable": {Read: []string{"ann"}, Write: []string{}},
	} {
		p.make(stream, "live")
		if _, err := cairn.SetMetadata(t.Context(), p.store, stream, cairn.NoStream, cairn.StreamMetadata{ACL: &acl}); err != nil {
			t.Fatal(err)
		}
	}
	to := func(streams ...string) (all []*kurrentv2.AppendRecord) {
		for _, stream := range streams {
			all = append(all, record(stream, "x"))
		}
		return all
	}
	for name, tt := range map[string]struct {
		records []*kurrentv2.AppendRecord
		checks  []*kurrentv2.ConsistencyCheck
		allowed bool
	}{
		"write":                     {to("writable"), nil, true},
		"write what is checked":     {to("writable"), []*kurrentv2.ConsistencyCheck{at("writable", cairn.StreamExists)}, true},
		"check what can be read":    {to("writable"), []*kurrentv2.ConsistencyCheck{at("readable", 2)}, true},
		"write what can be read":    {to("readable"), nil, false},
		"write both":                {to("writable", "readable"), nil, false},
		"check what can be written": {to("other"), []*kurrentv2.ConsistencyCheck{at("writable", cairn.StreamExists)}, false},
		"check the system's":        {to("writable"), []*kurrentv2.ConsistencyCheck{at("$secret", cairn.NoStream)}, false},
		"write the system's":        {to("$secret"), nil, false},
		"write a category":          {to("$ce-order"), nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := &peer{TB: t, store: p.store, conn: p.conn, service: p.service}
			p.wantAccess(tt.allowed, "ann", func(ctx context.Context) error {
				req := &kurrentv2.AppendRecordsRequest{Records: tt.records, Checks: tt.checks}
				return p.conn.Invoke(ctx, v2Path+"AppendRecords", req, new(kurrentv2.AppendRecordsResponse))
			})
		})
	}
	t.Run("session", func(t *testing.T) {
		p := &peer{TB: t, store: p.store, conn: p.conn, service: p.service}
		for stream, allowed := range map[string]bool{"writable": true, "readable": false, "$secret": false, "$et-x": false} {
			p.wantAccess(allowed, "ann", func(ctx context.Context) error { return p.sessionAs(ctx, request(stream, cairn.Any, "x")) })
		}
		p.wantAccess(false, "", func(ctx context.Context) error { return p.sessionAs(ctx, request("open", cairn.Any, "x")) })
	})
}

func (p *peer) sessionAs(ctx context.Context, r *kurrentv2.AppendRequest) error {
	stream, err := p.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, v2Path+"AppendSession")
	if err != nil {
		return err
	}
	_ = stream.SendMsg(r) // what is wrong comes with the answer
	_ = stream.CloseSend()
	return stream.RecvMsg(new(kurrentv2.AppendSessionResponse))
}

// wantAccess makes a call as somebody. A refusal says who that was, and stores
// nothing.
func (p *peer) wantAccess(allowed bool, login string, call func(context.Context) error) {
	p.Helper()
	before := p.head()
	err := call(as(p.Context(), login, "changeit"))
	if allowed {
		if err != nil {
			p.Error(err)
		}
		return
	}
	if status.Code(err) != codes.PermissionDenied {
		p.Fatalf("got %v, want a refusal", err)
	}
	detail := new(v2errors.AccessDeniedErrorDetails)
	p.wantTyped(err, codes.PermissionDenied, "server ACCESS_DENIED", "kurrent.rpc.AccessDeniedErrorDetails", detail)
	if detail.GetUsername() != login || p.head() != before {
		p.Errorf("%q was refused, and the head went from %d to %d", detail.GetUsername(), before, p.head())
	}
}
