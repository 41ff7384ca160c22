package kurrent_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/internal/proto/kurrent/operations"
	"github.com/cairndb/cairn/server/kurrent"
)

type operationCall func(c operations.OperationsClient, ctx context.Context, o ...grpc.CallOption) error

var operationCalls = map[string]operationCall{
	"start": func(c operations.OperationsClient, ctx context.Context, o ...grpc.CallOption) error {
		_, err := c.StartScavenge(ctx, &operations.StartScavengeReq{}, o...)
		return err
	},
	"shutdown": func(c operations.OperationsClient, ctx context.Context, o ...grpc.CallOption) error {
		_, err := c.Shutdown(ctx, &shared.Empty{}, o...)
		return err
	},
	"merge": func(c operations.OperationsClient, ctx context.Context, o ...grpc.CallOption) error {
		_, err := c.MergeIndexes(ctx, &shared.Empty{}, o...)
		return err
	},
	"resign": func(c operations.OperationsClient, ctx context.Context, o ...grpc.CallOption) error {
		_, err := c.ResignNode(ctx, &shared.Empty{}, o...)
		return err
	},
	"priority": func(c operations.OperationsClient, ctx context.Context, o ...grpc.CallOption) error {
		_, err := c.SetNodePriority(ctx, &operations.SetNodePriorityReq{Priority: 1}, o...)
		return err
	},
	"restart": func(c operations.OperationsClient, ctx context.Context, o ...grpc.CallOption) error {
		_, err := c.RestartPersistentSubscriptions(ctx, &shared.Empty{}, o...)
		return err
	},
}

func TestWhoMayOperate(t *testing.T) {
	var stopped atomic.Int32
	p := newSecurePeer(t, kurrent.Options{Shutdown: func() { stopped.Add(1) }})
	client := operations.NewOperationsClient(p.conn)
	for _, test := range []struct {
		login, password string
		want            ending
	}{
		{"", "", accessDenied},
		{"ann", "changeit", accessDenied},
		{"ops", "wrong", unauthenticated},
		{"ops", "changeit", allowed},
		{"admin", "changeit", allowed},
	} {
		for name, call := range operationCalls {
			got := refused(func(o ...grpc.CallOption) error {
				return call(client, as(t.Context(), test.login, test.password), o...)
			})
			if got != test.want {
				t.Errorf("%s by %q: got %+v, want %+v", name, test.login, got, test.want)
			}
		}
		if n := stopped.Swap(0); (n == 1) != (test.want == allowed) {
			t.Errorf("%q stopped the server %d times", test.login, n)
		}
	}
}

func TestScavenges(t *testing.T) {
	p := newSecurePeer(t, kurrent.Options{})
	client, ops := operations.NewOperationsClient(p.conn), as(t.Context(), "ops", "changeit")
	stop := func(id string) (*operations.ScavengeResp, string, error) {
		var trailer metadata.MD
		r, err := client.StopScavenge(ops, &operations.StopScavengeReq{Options: &operations.StopScavengeReq_Options{ScavengeId: id}}, grpc.Trailer(&trailer))
		if v := trailer.Get("exception"); len(v) == 1 && v[0] == "scavenge-not-found" {
			return r, trailer.Get("scavenge-id")[0], err
		}
		return r, "", err
	}
	for _, id := range []string{"current", "nonsense"} {
		if _, told, err := stop(id); status.Code(err) != codes.NotFound || told != id || status.Convert(err).Message() != "Scavenge id was invalid." {
			t.Errorf("%s before the first: %q, %v", id, told, err)
		}
	}
	if _, told, err := stop(""); status.Code(err) != codes.NotFound || told != "" {
		t.Errorf("none: %q, %v", told, err)
	}
	var last string
	for range 2 {
		started, err := client.StartScavenge(ops, &operations.StartScavengeReq{Options: &operations.StartScavengeReq_Options{ThreadCount: 1}})
		if err != nil || started.GetScavengeResult() != operations.ScavengeResp_Started || started.GetScavengeId() == last {
			t.Fatalf("got %v, %v", started, err)
		}
		if last != "" {
			if _, told, err := stop(last); status.Code(err) != codes.NotFound || told != last {
				t.Errorf("the one before: %q, %v", told, err)
			}
		}
		last = started.GetScavengeId()
		for _, id := range []string{last, "current"} {
			if r, _, err := stop(id); err != nil || r.GetScavengeId() != last || r.GetScavengeResult() != operations.ScavengeResp_Stopped {
				t.Errorf("%s: %v, %v", id, r, err)
			}
		}
	}
	if _, err := client.StopScavenge(as(t.Context(), "ann", "changeit"), &operations.StopScavengeReq{}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("by ann: %v", err)
	}
	for _, o := range []*operations.StartScavengeReq_Options{{ThreadCount: -1}, {StartFromChunk: -1}} {
		if _, err := client.StartScavenge(ops, &operations.StartScavengeReq{Options: o}); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v: %v", o, err)
		}
	}
}

// TestShutdownThatNobodyHears is answered all the same.
func TestShutdownThatNobodyHears(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	if err := operationCalls["shutdown"](operations.NewOperationsClient(p.conn), t.Context()); err != nil {
		t.Error(err)
	}
}
