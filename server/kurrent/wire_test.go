package kurrent_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// A wire is a service over a store in memory, with a client of the generated
// stubs. It is bare: nothing of the test hides what goes over it.
type wire struct {
	t       testing.TB
	ctx     context.Context
	store   cairn.Store
	service *kurrent.Service
	conn    *grpc.ClientConn
	streams streams.StreamsClient
	next    int // for IDs
	abandon context.CancelFunc
}

// newWire starts a service. When the test ends everything has to be gone.
func newWire(t testing.TB, o kurrent.Options) *wire {
	return newWireTo(t, access.Open(), o, nil)
}

// newWireTo starts a service that asks a control, as a principal if there is one.
func newWireTo(t testing.TB, c *access.Control, o kurrent.Options, as func(context.Context) context.Context) *wire {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	return newWireOver(t, store, c, o, as)
}

func newWireOver(t testing.TB, store cairn.Store, c *access.Control, o kurrent.Options, as func(context.Context) context.Context) *wire {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	w := &wire{t: t, ctx: ctx, store: store, service: kurrent.New(store, c, o)}
	server := grpc.NewServer(grpc.ForceServerCodecV2(kurrent.Codec()), grpc.MaxRecvMsgSize(32<<20), grpc.WaitForHandlers(true),
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			return next(principal(ctx, as), req)
		}),
		grpc.StreamInterceptor(func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			return next(srv, &actingStream{s, principal(s.Context(), as)})
		}))
	w.service.Register(server)
	listener := bufconn.Listen(1 << 20)
	go server.Serve(listener)
	conn, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(32<<20)))
	if err != nil {
		t.Fatal(err)
	}
	w.conn, w.streams = conn, streams.NewStreamsClient(conn)
	t.Cleanup(func() {
		cancel()
		conn.Close()
		w.service.Close()
		server.Stop()
		store.Close()
		nothingRuns(t)
	})
	return w
}

type actingStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *actingStream) Context() context.Context { return s.ctx }

func principal(ctx context.Context, as func(context.Context) context.Context) context.Context {
	if as == nil {
		return ctx
	}
	return as(ctx)
}

// nothingRuns fails the test if a goroutine of the service is still there.
func nothingRuns(t testing.TB) {
	t.Helper()
	all := make([]byte, 1<<20)
	for deadline := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		stacks := string(all[:runtime.Stack(all, true)])
		if !strings.Contains(stacks, "cairn/server/kurrent.(") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("goroutines are left:\n%s", stacks)
		}
	}
}

// id makes an ID that is the same in each run.
func (w *wire) id() cairn.ID {
	w.next++
	return id(w.next)
}

func id(n int) cairn.ID {
	return cairn.ID{0: 0xfe, 6: 0x40, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}
}

func uuid(id cairn.ID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_String_{String_: id.String()}}
}

// put appends events of some types, as a test's given.
func (w *wire) put(stream string, types ...string) cairn.Receipt {
	w.t.Helper()
	events := make([]cairn.Event, len(types))
	for i, typ := range types {
		events[i] = cairn.Event{ID: w.id(), Type: typ, Data: []byte("{}")}
	}
	r, err := w.store.Append(w.ctx, stream, cairn.Any, events...)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// putMany appends n events.
func (w *wire) putMany(stream string, n int) cairn.Receipt {
	w.t.Helper()
	types := make([]string, n)
	for i := range types {
		types[i] = "x"
	}
	return w.put(stream, types...)
}

// putLink appends a link.
func (w *wire) putLink(stream, data string) {
	w.t.Helper()
	e := cairn.Event{ID: w.id(), Type: "$>", Data: []byte(data), Format: cairn.Binary}
	if _, err := w.store.Append(w.ctx, stream, cairn.Any, e); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) describe(stream, json string) {
	w.t.Helper()
	e := cairn.Event{ID: w.id(), Type: "$metadata", Data: []byte(json)}
	if _, err := w.store.Append(w.ctx, "$$"+stream, cairn.Any, e); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) softDelete(stream string) {
	w.t.Helper()
	if _, err := cairn.DeleteStream(w.ctx, w.store, stream, cairn.Any); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) tombstone(stream string) {
	w.t.Helper()
	if _, err := cairn.TombstoneStream(w.ctx, w.store, stream, cairn.Any); err != nil {
		w.t.Fatal(err)
	}
}

// make brings a stream "s" into a state by name.
func (w *wire) make(state string) {
	w.t.Helper()
	switch state {
	case "missing":
	case "described":
		w.describe("s", `{"x":1}`)
	case "live":
		w.putMany("s", 3)
	case "deleted":
		w.putMany("s", 3)
		w.softDelete("s")
	case "tombstoned":
		w.putMany("s", 3)
		w.tombstone("s")
	default:
		w.t.Fatalf("no state %q", state)
	}
}

// An ask is a part of a ReadReq.
type ask func(*streams.ReadReq_Options)

// readRequest is a read forward of everything, with IDs as text, changed by parts.
func readRequest(parts ...ask) *streams.ReadReq {
	o := &streams.ReadReq_Options{
		CountOption:  &streams.ReadReq_Options_Count{Count: math.MaxInt64},
		FilterOption: &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
		UuidOption:   &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}},
	}
	for _, part := range parts {
		part(o)
	}
	return &streams.ReadReq{Options: o}
}

func ofStream(name string) ask {
	return func(o *streams.ReadReq_Options) {
		at := &streams.ReadReq_Options_StreamOptions{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(name)}}
		at.RevisionOption = &streams.ReadReq_Options_StreamOptions_Start{Start: &shared.Empty{}}
		o.StreamOption = &streams.ReadReq_Options_Stream{Stream: at}
	}
}

func fromRevision(n uint64) ask {
	return func(o *streams.ReadReq_Options) {
		o.GetStream().RevisionOption = &streams.ReadReq_Options_StreamOptions_Revision{Revision: n}
	}
}

func ofAll(o *streams.ReadReq_Options) {
	at := &streams.ReadReq_Options_AllOptions{AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}}}
	o.StreamOption = &streams.ReadReq_Options_All{All: at}
}

func fromPosition(commit, prepare uint64) ask {
	return func(o *streams.ReadReq_Options) {
		p := &streams.ReadReq_Options_Position{CommitPosition: commit, PreparePosition: prepare}
		o.GetAll().AllOption = &streams.ReadReq_Options_AllOptions_Position{Position: p}
	}
}

func fromEnd(o *streams.ReadReq_Options) {
	if at := o.GetStream(); at != nil {
		at.RevisionOption = &streams.ReadReq_Options_StreamOptions_End{End: &shared.Empty{}}
	} else {
		o.GetAll().AllOption = &streams.ReadReq_Options_AllOptions_End{End: &shared.Empty{}}
	}
}

func backwards(o *streams.ReadReq_Options) { o.ReadDirection = streams.ReadReq_Options_Backwards }
func resolving(o *streams.ReadReq_Options) { o.ResolveLinks = true }
func detailed(o *streams.ReadReq_Options) {
	o.ControlOption = &streams.ReadReq_Options_ControlOption{Compatibility: 1}
}
func following(o *streams.ReadReq_Options) {
	o.CountOption = &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}}
}

func counting(n uint64) ask {
	return func(o *streams.ReadReq_Options) { o.CountOption = &streams.ReadReq_Options_Count{Count: n} }
}

// filtered asks for events by "stream" or "type" and "prefix" or "regex".
func filtered(by, how string, window, multiplier uint32, what ...string) ask {
	e := &streams.ReadReq_Options_FilterOptions_Expression{Prefix: what}
	if how == "regex" {
		e = &streams.ReadReq_Options_FilterOptions_Expression{Regex: what[0]}
	}
	f := &streams.ReadReq_Options_FilterOptions{CheckpointIntervalMultiplier: multiplier}
	f.Window = &streams.ReadReq_Options_FilterOptions_Max{Max: window}
	f.Filter = &streams.ReadReq_Options_FilterOptions_StreamIdentifier{StreamIdentifier: e}
	if by == "type" {
		f.Filter = &streams.ReadReq_Options_FilterOptions_EventType{EventType: e}
	}
	return func(o *streams.ReadReq_Options) { o.FilterOption = &streams.ReadReq_Options_Filter{Filter: f} }
}

// line is an answer in a few letters: an event as stream/revision, a link in
// front of what it leads to.
func line(m *streams.ReadResp) string {
	switch c := m.GetContent().(type) {
	case *streams.ReadResp_Event:
		e, l := named(c.Event.GetEvent()), named(c.Event.GetLink())
		if l == "" {
			return e
		}
		return l + ">" + e
	case *streams.ReadResp_Confirmation:
		return "confirmed"
	case *streams.ReadResp_StreamNotFound_:
		return "not found " + string(c.StreamNotFound.GetStreamIdentifier().GetStreamName())
	case *streams.ReadResp_FirstStreamPosition:
		return fmt.Sprint("first ", c.FirstStreamPosition)
	case *streams.ReadResp_LastStreamPosition:
		return fmt.Sprint("last ", c.LastStreamPosition)
	case *streams.ReadResp_Checkpoint_:
		return fmt.Sprint("checkpoint ", c.Checkpoint.GetCommitPosition())
	case *streams.ReadResp_CaughtUp_:
		switch {
		case c.CaughtUp.StreamRevision != nil:
			return fmt.Sprint("live ", c.CaughtUp.GetStreamRevision())
		case c.CaughtUp.Position != nil:
			return fmt.Sprint("live at ", c.CaughtUp.GetPosition().GetCommitPosition())
		}
		return "live"
	}
	return fmt.Sprintf("%T", m.GetContent())
}

func named(e *streams.ReadResp_ReadEvent_RecordedEvent) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%s/%d", e.GetStreamIdentifier().GetStreamName(), e.GetStreamRevision())
}

// read is what a read answers, line by line, the last of them its error if any.
func (w *wire) read(parts ...ask) string {
	w.t.Helper()
	call, err := w.streams.Read(w.ctx, readRequest(parts...))
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for {
		m, err := call.Recv()
		if err == io.EOF {
			return strings.Join(lines, ", ")
		}
		if err != nil {
			return strings.Join(append(lines, failure(err, call.Trailer())), ", ")
		}
		lines = append(lines, line(m))
	}
}

// failure is an error in a few letters.
func failure(err error, trailer metadata.MD) string {
	s := status.Convert(err)
	parts := []string{s.Code().String()}
	for _, key := range []string{"exception", "stream-name", "expected-version", "actual-version", "maximum-append-size", "event-id", "required-metadata-properties"} {
		parts = append(parts, trailer.Get(key)...)
	}
	return strings.Join(parts, " ")
}

// A follower is a subscription under way.
type follower struct {
	*wire
	call   streams.Streams_ReadClient
	cancel context.CancelFunc
}

func (w *wire) follow(parts ...ask) *follower {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.ctx)
	call, err := w.streams.Read(ctx, readRequest(append([]ask{following}, parts...)...))
	if err != nil {
		w.t.Fatal(err)
	}
	f := &follower{w, call, cancel}
	w.t.Cleanup(cancel)
	return f
}

// want receives what is listed, and no more.
func (f *follower) want(lines ...string) {
	f.t.Helper()
	for i, want := range lines {
		m, err := f.call.Recv()
		got := ""
		if err != nil {
			got = failure(err, f.call.Trailer())
		} else {
			got = line(m)
		}
		if got != want {
			f.t.Fatalf("message %d: got %q, want %q", i, got, want)
		}
	}
}

func equal(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

type options = streams.ReadReq_Options

// oldEvents appends events that were recorded long ago.
func (w *wire) oldEvents(stream string, n int) {
	w.t.Helper()
	for range n {
		e := cairn.Event{ID: w.id(), Type: "x", Time: time.Unix(1e9, 0)}
		if _, err := w.store.Append(w.ctx, stream, cairn.Any, e); err != nil {
			w.t.Fatal(err)
		}
	}
}

// contextOf is a context for one call that abandon ends.
func contextOf(w *wire) context.Context {
	ctx, cancel := context.WithCancel(w.ctx)
	w.abandon = cancel
	return ctx
}
