package rpc_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
	"github.com/cairndb/cairn/internal/proto/wire"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/rpc"
)

// known is a stream whose caller is known.
type known struct {
	grpc.ServerStream
	who access.Principal
}

func (k known) Context() context.Context { return access.With(k.ServerStream.Context(), k.who) }

// secured serves a store with access control to one caller.
func secured(t *testing.T, who access.Principal) (*disk.Store, cairnv1.StoreClient) {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	control, err := access.New(t.Context(), store, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(
		grpc.StreamInterceptor(func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, h grpc.StreamHandler) error {
			return h(srv, known{s, who})
		}),
		grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
			return h(access.With(ctx, who), r)
		}))
	service := rpc.New(store, control, rpc.Options{})
	service.Register(server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		service.Wait()
		serving.Wait()
		if err := errors.Join(control.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	return store, cairnv1.NewStoreClient(conn)
}

// TestAccess: each stream that a batch writes or relies on is asked for, and a
// batch that is not allowed keeps no other from being committed.
func TestAccess(t *testing.T) {
	store, stub := secured(t, access.Principal{Name: "ann", Groups: []string{access.Everyone}})
	closed := &cairn.ACL{Read: []string{"bob"}, Write: []string{"bob"}, Delete: []string{"bob"}, MetaRead: []string{"bob"}}
	if _, err := cairn.SetMetadata(t.Context(), store, "bobs", cairn.Any, cairn.StreamMetadata{ACL: closed}); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, stub: stub}
	s := b.opened(cairn.NewID(), 1)
	deletion := appending(3, "bobs")
	deletion.Batch.Writes[0].Events, deletion.Batch.Writes[0].Delete = nil, cairnv1.Deletion_DELETION_SOFT
	stands := appending(4, "anns")
	stands.Batch.Conditions = []*cairnv1.Condition{{Stream: "bobs", Expected: -1}}
	queries := appending(5, "anns")
	queries.Batch.Conditions = []*cairnv1.Condition{{Query: &cairnv1.Query{Filters: []*cairnv1.Filter{{Types: []string{"secret"}}}}}}
	s.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(1, "anns"), appending(2, "bobs"), deletion, stands, queries}})
	for _, o := range s.outcomes(5) {
		denied := len(o.Error.GetMatters()) == 1 && o.Error.Matters[0] == cairnv1.Matter_MATTER_DENIED
		if denied != (o.Number > 1) {
			t.Errorf("outcome %v", o)
		}
	}
	for what, err := range map[string]error{
		"stream":         read(stub.ReadStream(t.Context(), &cairnv1.ReadStreamRequest{Stream: "bobs"})),
		"log":            read(stub.ReadAll(t.Context(), &cairnv1.ReadAllRequest{})),
		"query":          read(stub.ReadAll(t.Context(), &cairnv1.ReadAllRequest{Query: query(nil)})),
		"query, streams": read(stub.ReadAll(t.Context(), &cairnv1.ReadAllRequest{Query: query([]string{"anns", "bobs"})})),
		"info":           second(stub.StreamInfo(t.Context(), &cairnv1.StreamInfoRequest{Stream: "bobs"})),
		"count":          second(stub.Count(t.Context(), &cairnv1.CountRequest{Position: 1})),
		"nth":            second(stub.Nth(t.Context(), &cairnv1.NthRequest{})),
	} {
		if status.Code(err) != codes.PermissionDenied || !errors.Is(wire.FromStatus(err), wire.ErrDenied) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	for what, err := range map[string]error{
		"stream": read(stub.ReadStream(t.Context(), &cairnv1.ReadStreamRequest{Stream: "anns"})),
		"query":  read(stub.ReadAll(t.Context(), &cairnv1.ReadAllRequest{Query: query([]string{"anns"})})),
		"info":   second(stub.Info(t.Context(), &cairnv1.InfoRequest{})),
	} {
		if err != nil {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func query(streams []string) *cairnv1.Query {
	return &cairnv1.Query{Filters: []*cairnv1.Filter{{Types: []string{"x"}, Streams: streams}}}
}

func second[A any](_ A, err error) error { return err }

// read reads to the end.
func read(s grpc.ServerStreamingClient[cairnv1.ReadResponse], err error) error {
	for err == nil {
		_, err = s.Recv()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// TestAnonymous: who does not say who they are learns nothing, not even the head.
func TestAnonymous(t *testing.T) {
	_, stub := secured(t, access.Principal{})
	b := &bench{t: t, stub: stub}
	if code := status.Code(b.open(cairn.NewID(), 1).fails()); code != codes.PermissionDenied && code != codes.Unauthenticated {
		t.Errorf("commit: %v", code)
	}
	if err := second(stub.Info(t.Context(), &cairnv1.InfoRequest{})); status.Code(err) != codes.PermissionDenied && status.Code(err) != codes.Unauthenticated {
		t.Errorf("info: %v", err)
	}
}

// TestFollowersAreAskedAgain: who may not read a stream any more does not follow it
// any longer.
func TestFollowersAreAskedAgain(t *testing.T) {
	store, stub := secured(t, access.Principal{Name: "ann", Groups: []string{access.Everyone}})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	calls := map[string]grpc.ServerStreamingClient[cairnv1.ReadResponse]{}
	var errs [2]error
	calls["stream"], errs[0] = stub.ReadStream(ctx, &cairnv1.ReadStreamRequest{Stream: "s", Follow: true})
	calls["query"], errs[1] = stub.ReadAll(ctx, &cairnv1.ReadAllRequest{Query: query([]string{"s"}), Follow: true})
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	for what, call := range calls {
		if _, err := call.Recv(); err != nil { // it has begun
			t.Fatalf("%s: %v", what, err)
		}
	}
	for _, acl := range []*cairn.ACL{{Read: []string{"ann"}}, {Read: []string{"bob"}}} { // still allowed, and no more
		if _, err := cairn.SetMetadata(ctx, store, "s", cairn.Any, cairn.StreamMetadata{ACL: acl}); err != nil {
			t.Fatal(err)
		}
	}
	for what, call := range calls {
		if err := read(call, nil); status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s: got %v, want it to be denied", what, err)
		}
	}
}
