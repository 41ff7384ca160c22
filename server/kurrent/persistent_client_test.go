package kurrent_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent"
)

// A sharing is a server, and calls to its persistent subscriptions.
type sharing struct {
	*peer
	ctx context.Context
	c   pb.PersistentSubscriptionsClient
}

func newSharing(p *peer) *sharing {
	ctx, cancel := context.WithTimeout(p.Context(), time.Minute)
	p.Cleanup(cancel)
	return &sharing{p, ctx, pb.NewPersistentSubscriptionsClient(p.conn)}
}

func share(t testing.TB) *sharing { return newSharing(newPeer(t, kurrent.Options{})) }

// as makes all calls somebody's.
func (s *sharing) as(login string) *sharing {
	return &sharing{s.peer, as(s.ctx, login, "changeit"), s.c}
}

func streamID(name string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(name)}
}

// creation is a request with what clients ask for by default, from the start.
func creation(stream, group string, changes ...func(*pb.CreateReq_Options)) *pb.CreateReq {
	o := &pb.CreateReq_Options{GroupName: group, Settings: &pb.CreateReq_Settings{
		MaxRetryCount: 10, MinCheckpointCount: 10, MaxCheckpointCount: 1000, LiveBufferSize: 500, ReadBatchSize: 20, HistoryBufferSize: 500,
		MessageTimeout:   &pb.CreateReq_Settings_MessageTimeoutMs{MessageTimeoutMs: 30_000},
		CheckpointAfter:  &pb.CreateReq_Settings_CheckpointAfterMs{CheckpointAfterMs: 2_000},
		ConsumerStrategy: "RoundRobin",
	}}
	if stream == "$all" {
		o.StreamOption = &pb.CreateReq_Options_All{All: &pb.CreateReq_AllOptions{
			AllOption:    &pb.CreateReq_AllOptions_Start{Start: &shared.Empty{}},
			FilterOption: &pb.CreateReq_AllOptions_NoFilter{NoFilter: &shared.Empty{}},
		}}
	} else {
		o.StreamOption = &pb.CreateReq_Options_Stream{Stream: &pb.CreateReq_StreamOptions{
			StreamIdentifier: streamID(stream), RevisionOption: &pb.CreateReq_StreamOptions_Start{Start: &shared.Empty{}},
		}}
	}
	for _, change := range changes {
		change(o)
	}
	return &pb.CreateReq{Options: o}
}

func resolvingLinks(o *pb.CreateReq_Options) { o.Settings.ResolveLinks = true }
func checkpointing(o *pb.CreateReq_Options) {
	o.Settings.MinCheckpointCount, o.Settings.MaxCheckpointCount = 1, 1
}

// byPrefix filters the log by prefixes of the names of streams.
func byPrefix(prefixes ...string) func(*pb.CreateReq_Options) {
	return func(o *pb.CreateReq_Options) {
		o.GetAll().FilterOption = &pb.CreateReq_AllOptions_Filter{Filter: &pb.CreateReq_AllOptions_FilterOptions{
			Filter: &pb.CreateReq_AllOptions_FilterOptions_StreamIdentifier{
				StreamIdentifier: &pb.CreateReq_AllOptions_FilterOptions_Expression{Prefix: prefixes},
			},
		}}
	}
}

func (s *sharing) create(stream, group string, changes ...func(*pb.CreateReq_Options)) {
	s.Helper()
	if _, err := s.c.Create(s.ctx, creation(stream, group, changes...)); err != nil {
		s.Fatal(err)
	}
}

// info describes a subscription.
func (s *sharing) info(stream, group string) *pb.SubscriptionInfo {
	s.Helper()
	o := &pb.GetInfoReq_Options{GroupName: group, StreamOption: &pb.GetInfoReq_Options_StreamIdentifier{StreamIdentifier: streamID(stream)}}
	if stream == "$all" {
		o.StreamOption = &pb.GetInfoReq_Options_All{All: &shared.Empty{}}
	}
	r, err := s.c.GetInfo(s.ctx, &pb.GetInfoReq{Options: o})
	if err != nil {
		s.Fatal(err)
	}
	return r.GetSubscriptionInfo()
}

// replay replays what is parked.
func (s *sharing) replay(stream, group string) {
	s.Helper()
	if _, err := s.c.ReplayParked(s.ctx, replaying(stream, group)); err != nil {
		s.Fatal(err)
	}
}

func replaying(stream, group string) *pb.ReplayParkedReq {
	o := &pb.ReplayParkedReq_Options{GroupName: group, StreamOption: &pb.ReplayParkedReq_Options_StreamIdentifier{StreamIdentifier: streamID(stream)}}
	if stream == "$all" {
		o.StreamOption = &pb.ReplayParkedReq_Options_All{All: &shared.Empty{}}
	}
	o.StopAtOption = &pb.ReplayParkedReq_Options_NoLimit{NoLimit: &shared.Empty{}}
	return &pb.ReplayParkedReq{Options: o}
}

// put appends events, with metadata that says which they are.
func (s *sharing) put(stream string, n int) {
	s.Helper()
	for range n {
		if _, err := s.store.Append(s.ctx, stream, cairn.Any, cairn.Event{Type: "x", Data: []byte("{}"), Metadata: []byte(`{"m":1}`)}); err != nil {
			s.Fatal(err)
		}
	}
}

// link appends a link.
func (s *sharing) link(stream, to string) {
	s.Helper()
	if _, err := s.store.Append(s.ctx, stream, cairn.Any, cairn.Event{Type: "$>", Format: cairn.Binary, Data: []byte(to)}); err != nil {
		s.Fatal(err)
	}
}

// A worker is a consumer.
type worker struct {
	*sharing
	call  pb.PersistentSubscriptions_ReadClient
	leave context.CancelFunc
	has   []*pb.ReadResp_ReadEvent
}

func consumption(stream, group string, buffer int32) *pb.ReadReq_Options {
	o := &pb.ReadReq_Options{GroupName: group, BufferSize: buffer, StreamOption: &pb.ReadReq_Options_StreamIdentifier{StreamIdentifier: streamID(stream)}}
	if stream == "$all" {
		o.StreamOption = &pb.ReadReq_Options_All{All: &shared.Empty{}}
	}
	o.UuidOption = &pb.ReadReq_Options_UUIDOption{Content: &pb.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}}
	return o
}

// connect opens a call and does not wait.
func (s *sharing) connect(o *pb.ReadReq_Options) *worker {
	s.Helper()
	ctx, cancel := context.WithCancel(s.ctx)
	s.Cleanup(cancel)
	call, err := s.c.Read(ctx)
	if err == nil {
		err = call.Send(&pb.ReadReq{Content: &pb.ReadReq_Options_{Options: o}})
	}
	if err != nil && err != io.EOF {
		s.Fatal(err)
	}
	return &worker{sharing: s, call: call, leave: cancel}
}

// consume connects and waits for the confirmation.
func (s *sharing) consume(stream, group string, buffer int32) *worker {
	s.Helper()
	w := s.connect(consumption(stream, group, buffer))
	w.want("confirmed " + stream + "::" + group)
	return w
}

// next is what the server says next.
func (w *worker) next() string {
	m, err := w.call.Recv()
	if err != nil {
		return failed(err, w.call.Trailer())
	}
	if c := m.GetSubscriptionConfirmation(); c != nil {
		return "confirmed " + c.GetSubscriptionId()
	}
	e := m.GetEvent()
	w.has = append(w.has, e)
	if e.Count == nil || e.Position == nil {
		return "incomplete"
	}
	return placeOf(e.Link, ">") + placeOf(e.Event, "") + strings.Repeat("+", int(e.GetRetryCount()))
}

func placeOf(e *pb.ReadResp_ReadEvent_RecordedEvent, end string) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%s/%d%s", e.GetStreamIdentifier().GetStreamName(), e.GetStreamRevision(), end)
}

// failed is how a call ended: a code, an exception and what it says more.
func failed(err error, trailer metadata.MD) string {
	if err == nil {
		return "OK"
	}
	line := []string{status.Code(err).String()}
	for _, key := range []string{"exception", "stream-name", "group-name"} {
		line = append(line, trailer.Get(key)...)
	}
	return strings.Join(line, " ")
}

// want is what comes next.
func (w *worker) want(lines ...string) {
	w.Helper()
	for _, line := range lines {
		if got := w.next(); got != line {
			w.Fatalf("got %s, want %s", got, line)
		}
	}
}

// ids are those of what the worker has, by the link if there is one.
func (w *worker) ids(n int) (all []*shared.UUID) {
	for _, e := range w.has[:n] {
		if e.Link != nil {
			all = append(all, e.Link.GetId())
		} else {
			all = append(all, e.Event.GetId())
		}
	}
	w.has = slices.Delete(w.has, 0, n)
	return all
}

func (w *worker) send(m *pb.ReadReq) {
	w.Helper()
	if err := w.call.Send(m); err != nil && !errors.Is(err, io.EOF) {
		w.Fatal(err)
	}
}

func (w *worker) ack(n int) {
	w.Helper()
	w.send(&pb.ReadReq{Content: &pb.ReadReq_Ack_{Ack: &pb.ReadReq_Ack{Ids: w.ids(n)}}})
}

func (w *worker) nack(n int, a pb.ReadReq_Nack_Action) {
	w.Helper()
	w.send(&pb.ReadReq{Content: &pb.ReadReq_Nack_{Nack: &pb.ReadReq_Nack{Ids: w.ids(n), Action: a, Reason: "because"}}})
}

// eventually waits until something is so.
func (s *sharing) eventually(what string, ok func() bool) {
	s.Helper()
	for !ok() {
		select {
		case <-s.ctx.Done():
			s.Fatalf("%s: not within the time of the test", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// stored is the data of what can be read of a stream.
func (s *sharing) stored(stream string) (all []string) {
	s.Helper()
	for e, err := range s.store.ReadStream(s.ctx, stream, cairn.ReadOptions{}) {
		if err != nil {
			s.Fatal(err)
		}
		all = append(all, string(e.Data))
	}
	return all
}

// outcome is how a call without an answer ends.
func outcome(call func(...grpc.CallOption) error) string {
	var trailer metadata.MD
	err := call(grpc.Trailer(&trailer))
	return failed(err, trailer)
}
