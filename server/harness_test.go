package server_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server"
)

// patience is how long a test waits for what must come soon.
const patience = 10 * time.Second

// A house is a server under test.
type house struct {
	*server.Server
	store  cairn.Store
	addr   string
	served chan error
}

// serve starts a server over memory. It is shut down at the end of the test.
func serve(t testing.TB, o *server.Options) *house {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(store, o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{s, store, l.Addr().String(), make(chan error, 1)}
	go func() { h.served <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := errors.Join(s.Shutdown(ctx), store.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// dial connects gRPC to an address.
func dial(t testing.TB, addr string, c credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	if c == nil {
		c = insecure.NewCredentials()
	}
	conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func options(stream string) *streams.AppendReq {
	return &streams.AppendReq{Content: &streams.AppendReq_Options_{Options: &streams.AppendReq_Options{
		StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
		ExpectedStreamRevision: &streams.AppendReq_Options_Any{Any: &shared.Empty{}},
	}}}
}

func proposed(data string) *streams.AppendReq {
	return &streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: &streams.AppendReq_ProposedMessage{
		Id:       &shared.UUID{Value: &shared.UUID_String_{String_: cairn.NewID().String()}},
		Metadata: map[string]string{"type": "t", "content-type": "application/octet-stream"},
		Data:     []byte(data),
	}}}
}

// appendTo appends one event.
func appendTo(ctx context.Context, c grpc.ClientConnInterface, stream, data string) error {
	call, err := streams.NewStreamsClient(c).Append(ctx)
	if err != nil {
		return err
	}
	call.Send(options(stream)) // an error shows in the answer
	call.Send(proposed(data))
	r, err := call.CloseAndRecv()
	if err == nil && r.GetSuccess() == nil {
		err = errors.New("not appended: " + r.String())
	}
	return err
}

// count is how many events a stream has.
func count(t testing.TB, s cairn.Store, stream string) (n int) {
	t.Helper()
	for _, err := range s.ReadStream(t.Context(), stream, cairn.ReadOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// settled waits until no more goroutines run than did.
func settled(t testing.TB, before int) {
	t.Helper()
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			var b strings.Builder
			pprof.Lookup("goroutine").WriteTo(&b, 1)
			t.Fatalf("%d goroutines run, there were %d:\n%s", runtime.NumGoroutine(), before, b.String())
		}
	}
}
