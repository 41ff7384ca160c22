package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
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

// A bench is a service over a store in memory, and a connection to it.
type bench struct {
	t       *testing.T
	store   *held
	service *rpc.Service
	server  *grpc.Server
	stub    cairnv1.StoreClient
}

// A held store keeps commits back while it is told to.
type held struct {
	*disk.Store
	mu      sync.Mutex
	hold    chan struct{} // set: commits wait until it is closed
	waiting chan struct{} // told of each that waits
	sizes   []int         // of the piles
}

func (h *held) CommitEach(ctx context.Context, batches []cairn.Batch) []cairn.Outcome {
	h.mu.Lock()
	hold := h.hold
	h.sizes = append(h.sizes, len(batches))
	h.mu.Unlock()
	if hold != nil {
		h.waiting <- struct{}{}
		<-hold
	}
	return h.Store.CommitEach(ctx, batches)
}

func (h *held) keepBack() (release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hold := make(chan struct{})
	h.hold = hold
	return func() {
		h.mu.Lock()
		h.hold = nil
		h.mu.Unlock()
		close(hold)
	}
}

func newBench(t *testing.T, o rpc.Options) *bench {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, store: &held{Store: store, waiting: make(chan struct{}, 100)}, server: grpc.NewServer()}
	b.service = rpc.New(b.store, access.Open(), o)
	b.service.Register(b.server)
	var serving sync.WaitGroup
	serving.Go(func() { _ = b.server.Serve(listener) })
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	b.stub = cairnv1.NewStoreClient(conn)
	t.Cleanup(func() {
		_ = conn.Close()
		b.service.Shutdown()
		b.server.Stop()
		b.service.Wait()
		serving.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// A stream is a Commit stream, spoken by the generated code: what is encoded by
// hand on the other side is ordinary protobuf.
type stream struct {
	t *testing.T
	cairnv1.Store_CommitClient
	cancel context.CancelFunc
	hello  *cairnv1.Hello
}

func (b *bench) open(session cairn.ID, attempt uint64) *stream {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	b.t.Cleanup(cancel)
	c, err := b.stub.Commit(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	s := &stream{b.t, c, cancel, nil}
	s.send(&cairnv1.CommitRequest{Open: &cairnv1.Open{Session: session[:], Attempt: attempt}})
	return s
}

func (b *bench) opened(session cairn.ID, attempt uint64) *stream {
	b.t.Helper()
	s := b.open(session, attempt)
	s.hello = s.next().GetHello()
	if s.hello == nil {
		b.t.Fatal("no hello")
	}
	return s
}

// send says nothing of a call that has ended: gRPC tells a sender only io.EOF, and
// the reason to who receives.
func (s *stream) send(r *cairnv1.CommitRequest) {
	s.t.Helper()
	if err := s.Send(r); err != nil && !errors.Is(err, io.EOF) {
		s.t.Fatal(err)
	}
}

func (s *stream) next() *cairnv1.CommitResponse {
	s.t.Helper()
	r, err := s.Recv()
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// outcomes receives n outcomes.
func (s *stream) outcomes(n int) (all []*cairnv1.Outcome) {
	s.t.Helper()
	for len(all) < n {
		all = append(all, s.next().Outcomes...)
	}
	return all
}

// fails receives until the stream ends.
func (s *stream) fails() error {
	for {
		if _, err := s.Recv(); err != nil {
			return err
		}
	}
}

// append is a batch of one event that expects any.
func appending(number uint64, streamName string) *cairnv1.Submission {
	return &cairnv1.Submission{Number: number, Batch: &cairnv1.Batch{Writes: []*cairnv1.Write{{
		Stream: streamName, Expected: int64(cairn.Any), Events: []*cairnv1.Event{{Type: "x", Data: []byte("data")}},
	}}}}
}

func (b *bench) head() cairn.Position {
	b.t.Helper()
	info, err := b.store.Info(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return info.Head
}

// TestPiles: what comes while the store is busy is committed together, and answered
// in order.
func TestPiles(t *testing.T) {
	b := newBench(t, rpc.Options{})
	s := b.opened(cairn.NewID(), 1)
	release := b.store.keepBack()
	s.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(1, "s")}})
	<-b.store.waiting
	for i := range 20 {
		s.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(uint64(2+2*i), "s"), appending(uint64(3+2*i), "s")}})
	}
	release()
	for i, o := range s.outcomes(41) {
		if o.Number != uint64(i+1) || o.Position != uint64(i+1) || o.Error != nil || !slices.Equal(o.Revisions, []int64{int64(i)}) {
			t.Errorf("outcome %d: %v", i, o)
		}
	}
	if n := len(b.store.sizes); n > 20 {
		t.Errorf("41 batches were committed in %d piles: %v", n, b.store.sizes)
	}
}

// TestSessions: the next stream of a session gets the answers that the last one
// did not receive, and waits until nothing of it is under way.
func TestSessions(t *testing.T) {
	b := newBench(t, rpc.Options{})
	id := cairn.NewID()
	first := b.opened(id, 1)
	first.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(1, "s")}})
	first.outcomes(1)
	release := b.store.keepBack()
	first.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(2, "s"), appending(3, "t")}})
	<-b.store.waiting
	second := b.open(id, 2)
	helloed := make(chan struct{})
	go func() { // the store still commits: there must be no hello
		second.hello = second.next().GetHello()
		close(helloed)
	}()
	select {
	case <-helloed:
		t.Error("the session was taken over with a commit under way")
	case <-time.After(50 * time.Millisecond):
	}
	release()
	<-helloed
	if string(second.hello.GetMemory()) != string(first.hello.Memory) {
		t.Error("the session's memory is another one")
	}
	if code := status.Code(first.fails()); code != codes.Aborted {
		t.Errorf("the stream that was taken over ends with %v", code)
	}
	second.send(&cairnv1.CommitRequest{Answered: 1, Batches: []*cairnv1.Submission{appending(2, "s"), appending(3, "t"), appending(4, "t")}})
	want := []uint64{2, 3, 4}
	for i, o := range second.outcomes(3) {
		if o.Number != want[i] || o.Position != want[i] || o.Duplicate {
			t.Errorf("outcome %v, want %d", o, want[i])
		}
	}
	if b.head() != 4 {
		t.Errorf("head %d", b.head())
	}
}

// TestSessionsForget what was acknowledged, what was refused, and everything when
// they have ended.
func TestSessionsForget(t *testing.T) {
	b := newBench(t, rpc.Options{})
	id := cairn.NewID()
	s := b.opened(id, 1)
	refused := appending(1, "s")
	refused.Batch.Writes[0].Expected = 7
	s.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{refused, appending(2, "s")}})
	all := s.outcomes(2)
	if all[0].Error.GetConflict() == nil || all[1].Error != nil {
		t.Fatalf("outcomes %v", all)
	}
	s.cancel()
	s = b.opened(id, 2)
	s.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(1, "s"), appending(2, "s")}})
	all = s.outcomes(2)
	slices.SortFunc(all, func(a, b *cairnv1.Outcome) int { return int(a.Number) - int(b.Number) })
	if all[0].Position != 2 || all[1].Position != 1 {
		t.Errorf("outcomes %v: what was refused is judged again, what was stored is not", all)
	}
	s.send(&cairnv1.CommitRequest{Answered: 2, Batches: []*cairnv1.Submission{appending(2, "s")}})
	if o := s.outcomes(1)[0]; o.Position != 3 {
		t.Errorf("outcome %v: what was acknowledged is forgotten", o)
	}
	if err := s.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if err := s.fails(); !errors.Is(err, io.EOF) {
		t.Errorf("a session that was ended ends with %v", err)
	}
	if again := b.opened(id, 1); string(again.hello.Memory) == string(s.hello.Memory) {
		t.Error("an ended session is remembered")
	}
}

// TestStaleStreams cannot take a session over that has gone on without them.
func TestStaleStreams(t *testing.T) {
	b := newBench(t, rpc.Options{})
	id := cairn.NewID()
	s := b.opened(id, 2)
	for attempt := range uint64(3) {
		if code := status.Code(b.open(id, attempt).fails()); code != codes.Aborted {
			t.Errorf("attempt %d ends with %v", attempt, code)
		}
	}
	s.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(1, "s")}})
	s.outcomes(1)
}

// TestSessionsEnd when nobody was in them for long.
func TestSessionsEnd(t *testing.T) {
	b := newBench(t, rpc.Options{SessionLife: time.Nanosecond})
	id := cairn.NewID()
	s := b.opened(id, 1)
	s.cancel()
	_ = s.fails()
	for attempt := uint64(2); ; attempt++ { // the server learns a moment later that it was left
		again := b.opened(id, attempt)
		again.cancel()
		_ = again.fails()
		if string(again.hello.Memory) != string(s.hello.Memory) {
			return
		}
	}
}

// TestShutdown answers what was received and says that this was all.
func TestShutdown(t *testing.T) {
	b := newBench(t, rpc.Options{})
	s := b.opened(cairn.NewID(), 1)
	follower, err := b.stub.ReadAll(t.Context(), &cairnv1.ReadAllRequest{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := follower.Recv(); err != nil {
		t.Fatal(err)
	}
	release := b.store.keepBack()
	s.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(1, "s")}})
	<-b.store.waiting
	b.service.Shutdown()
	release()
	if o := s.outcomes(1)[0]; o.Position != 1 {
		t.Errorf("outcome %v", o)
	}
	if !s.next().Drained {
		t.Error("the last response does not say so")
	}
	if code := status.Code(s.fails()); code != codes.Unavailable {
		t.Errorf("the stream ends with %v", code)
	}
	for err == nil {
		_, err = follower.Recv()
	}
	if status.Code(err) != codes.Unavailable {
		t.Errorf("the follower ends with %v", err)
	}
	b.server.GracefulStop() // which nothing holds up
}

// TestPendingIsBounded: while the store is busy the service takes in so much and no
// more.
func TestPendingIsBounded(t *testing.T) {
	b := newBench(t, rpc.Options{PendingBytes: 1 << 20})
	s := b.opened(cairn.NewID(), 1)
	release := b.store.keepBack()
	big := appending(1, "s")
	big.Batch.Writes[0].Events[0].Data = make([]byte, 200<<10)
	s.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{big}})
	<-b.store.waiting
	const n = 200 // of 200 KiB
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for i := range uint64(n) {
			again := &cairnv1.Submission{Number: i + 2, Batch: big.Batch}
			if s.Send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{again}}) != nil {
				return
			}
		}
	}()
	select {
	case <-sent:
		t.Error("40 MiB were taken in")
	case <-time.After(100 * time.Millisecond):
	}
	release()
	<-sent
	s.outcomes(n + 1)
}

// TestBadRequests end the stream that they come over, and no other.
func TestBadRequests(t *testing.T) {
	b := newBench(t, rpc.Options{})
	good := b.opened(cairn.NewID(), 1)
	malformed := func(r *cairnv1.CommitRequest) error {
		s := b.opened(cairn.NewID(), 1)
		s.send(r)
		return s.fails()
	}
	id := cairn.NewID()
	unopened, err := b.stub.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := unopened.Send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(1, "s")}}); err != nil {
		t.Fatal(err)
	}
	_, unopenedErr := unopened.Recv()
	short := appending(1, "s")
	short.Batch.Writes[0].Events[0].Id = []byte("short")
	for name, err := range map[string]error{
		"no open":     unopenedErr,
		"second open": malformed(&cairnv1.CommitRequest{Open: &cairnv1.Open{Session: id[:], Attempt: 9}}),
		"short ID":    malformed(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{short}}),
		"fragment":    malformed(&cairnv1.CommitRequest{Fragment: &cairnv1.Fragment{Data: []byte("\xff\xff"), Last: true}}),
	} {
		if code := status.Code(err); code != codes.InvalidArgument && code != codes.Internal {
			t.Errorf("%s: ends with %v", name, err)
		}
	}
	good.send(&cairnv1.CommitRequest{Batches: []*cairnv1.Submission{appending(1, "s")}})
	if o := good.outcomes(1)[0]; o.Position != 1 {
		t.Errorf("outcome %v", o)
	}
}

// TestReads: chunks as the generated code sees them.
func TestReads(t *testing.T) {
	b := newBench(t, rpc.Options{})
	for i := range 1000 {
		if _, err := b.store.Append(t.Context(), fmt.Sprint("s-", i%2), cairn.Any, cairn.Event{Type: "x", Data: make([]byte, 1000)}); err != nil {
			t.Fatal(err)
		}
	}
	read, err := b.stub.ReadAll(t.Context(), &cairnv1.ReadAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	events, messages := 0, 0
	for {
		m, err := read.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if messages++; messages == 1 && m.Begun.GetHead() != 1000 {
			t.Errorf("the first message begins with %v", m.Begun)
		}
		for _, it := range m.Items {
			if events++; it.GetEvent().GetPosition() != uint64(events) {
				t.Errorf("event %d is at %d", events, it.GetEvent().GetPosition())
			}
		}
	}
	if events != 1000 || messages > 20 {
		t.Errorf("%d events in %d messages", events, messages)
	}
}

// TestErrorsOfReads have a code for everybody and all facts for those who know.
func TestErrorsOfReads(t *testing.T) {
	b := newBench(t, rpc.Options{})
	if _, err := cairn.TombstoneStream(t.Context(), b.store, "closed", cairn.Any); err != nil {
		t.Fatal(err)
	}
	read, err := b.stub.ReadStream(t.Context(), &cairnv1.ReadStreamRequest{Stream: "closed"})
	for err == nil {
		_, err = read.Recv()
	}
	deleted, ok := errors.AsType[*cairn.DeletedError](wire.FromStatus(err))
	if !ok || !deleted.Tombstone || status.Code(err) != codes.FailedPrecondition {
		t.Errorf("got %v", err)
	}
	_, err = b.stub.StreamInfo(t.Context(), &cairnv1.StreamInfoRequest{Stream: ""})
	if status.Code(err) != codes.InvalidArgument || !errors.Is(wire.FromStatus(err), cairn.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
