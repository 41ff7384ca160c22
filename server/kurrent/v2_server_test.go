package kurrent_test

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// A peer is a server over memory and a connection to it.
type peer struct {
	testing.TB
	store cairn.Store
	conn  *grpc.ClientConn

	service *kurrent.Service
}

// newPeer starts a server that has the options.
func newPeer(t testing.TB, o kurrent.Options) *peer {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return newPeerOver(t, store, access.Open(), o)
}

// newPeerOver starts a server over a store whose callers the control admits;
// interceptors may say who they are.
func newPeerOver(t testing.TB, store cairn.Store, c *access.Control, o kurrent.Options, more ...grpc.ServerOption) *peer {
	t.Helper()
	lis := bufconn.Listen(1 << 20)
	server := grpc.NewServer(append(more, grpc.ForceServerCodecV2(kurrent.Codec()), grpc.MaxRecvMsgSize(100<<20))...)
	service := kurrent.New(store, c, o)
	service.Register(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(lis) }()
	conn, err := grpc.NewClient("passthrough:///memory",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		service.Close()
		server.Stop()
		if err := <-served; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return &peer{TB: t, store: store, conn: conn, service: service}
}

const v2Path = "/kurrentdb.protocol.v2.streams.StreamsService/"

// records calls AppendRecords.
func (p *peer) records(records []*kurrentv2.AppendRecord, checks ...*kurrentv2.ConsistencyCheck) (*kurrentv2.AppendRecordsResponse, error) {
	p.Helper()
	answer := new(kurrentv2.AppendRecordsResponse)
	err := p.conn.Invoke(p.Context(), v2Path+"AppendRecords", &kurrentv2.AppendRecordsRequest{Records: records, Checks: checks}, answer)
	return answer, err
}

// session calls AppendSession.
func (p *peer) session(requests ...*kurrentv2.AppendRequest) (*kurrentv2.AppendSessionResponse, error) {
	p.Helper()
	stream, err := p.conn.NewStream(p.Context(), &grpc.StreamDesc{ClientStreams: true}, v2Path+"AppendSession")
	if err != nil {
		return nil, err
	}
	for _, r := range requests {
		if err := stream.SendMsg(r); err != nil {
			break // what is wrong comes with the answer
		}
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	answer := new(kurrentv2.AppendSessionResponse)
	return answer, stream.RecvMsg(answer)
}

// read reads a whole stream.
func (p *peer) read(stream string) (all []cairn.Recorded) {
	p.Helper()
	for e, err := range p.store.ReadStream(p.Context(), stream, cairn.ReadOptions{}) {
		if err != nil {
			p.Fatalf("reading %s: %v", stream, err)
		}
		all = append(all, e)
	}
	return all
}

// make brings a stream into a state: live and deleted ones have revisions 0 to 2.
func (p *peer) make(stream, state string) {
	p.Helper()
	do := func(err error) {
		p.Helper()
		if err != nil {
			p.Fatalf("making %s %s: %v", stream, state, err)
		}
	}
	if state == "missing" {
		return
	}
	_, err := p.store.Append(p.Context(), stream, cairn.NoStream, cairn.Event{Type: "a"}, cairn.Event{Type: "b"}, cairn.Event{Type: "c"})
	do(err)
	switch state {
	case "deleted":
		_, err = cairn.DeleteStream(p.Context(), p.store, stream, cairn.Any)
	case "tombstoned":
		_, err = cairn.TombstoneStream(p.Context(), p.store, stream, cairn.Any)
	}
	do(err)
}

// record is a record that nothing is wrong with.
func record(stream, name string) *kurrentv2.AppendRecord {
	r := &kurrentv2.AppendRecord{
		Schema: &kurrentv2.SchemaInfo{Format: kurrentv2.SchemaFormat_SCHEMA_FORMAT_JSON, Name: name},
		Data:   []byte(`{"n":1}`),
	}
	if stream != "" {
		r.Stream = &stream
	}
	return r
}

// withID gives records IDs of their own, which makes them repeatable.
func withID(records ...*kurrentv2.AppendRecord) []*kurrentv2.AppendRecord {
	for _, r := range records {
		r.RecordId = new(cairn.NewID().String())
	}
	return records
}

// at checks where a stream stands.
func at(stream string, state cairn.Revision) *kurrentv2.ConsistencyCheck {
	return &kurrentv2.ConsistencyCheck{Type: &kurrentv2.ConsistencyCheck_StreamState_{
		StreamState: &kurrentv2.ConsistencyCheck_StreamState{Stream: stream, ExpectedState: int64(state)},
	}}
}
