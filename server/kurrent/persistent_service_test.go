package kurrent_test

import (
	"fmt"
	"math"
	"testing"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/internal/proto/kurrent/operations"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

func openControl() *access.Control { return access.Open() }

func (s *sharing) creating(req *pb.CreateReq) string {
	return outcome(func(o ...grpc.CallOption) error { _, err := s.c.Create(s.ctx, req, o...); return err })
}

func TestPersistentCreateRefuses(t *testing.T) {
	s := share(t)
	s.put("s", 2)
	s.create("s", "g")
	equal(t, "twice", s.creating(creation("s", "g")), "AlreadyExists persistent-subscription-exists s g")
	equal(t, "another group", s.creating(creation("s", "h")), "OK")
	equal(t, "another stream", s.creating(creation("none", "g")), "OK")
	set := func(change func(*pb.CreateReq_Settings)) *pb.CreateReq {
		return creation("s", "x", func(o *pb.CreateReq_Options) { change(o.Settings) })
	}
	const refused = "Internal persistent-subscription-failed s x"
	for what, req := range map[string]*pb.CreateReq{
		"a batch as large as the buffer": set(func(s *pb.CreateReq_Settings) { s.ReadBatchSize = 500 }),
		"an unknown strategy":            set(func(s *pb.CreateReq_Settings) { s.ConsumerStrategy = "Invalid" }),
		"an unknown strategy's number": set(func(s *pb.CreateReq_Settings) {
			//lint:ignore SA1019 old clients send it
			s.ConsumerStrategy, s.NamedConsumerStrategy = "", 9
		}),
		"a negative count": set(func(s *pb.CreateReq_Settings) { s.MaxRetryCount = -1 }),
		"negative ticks": set(func(s *pb.CreateReq_Settings) {
			s.MessageTimeout = &pb.CreateReq_Settings_MessageTimeoutTicks{MessageTimeoutTicks: -1}
		}),
		"a start before the first": creation("s", "x", func(o *pb.CreateReq_Options) {
			o.GetStream().RevisionOption = &pb.CreateReq_StreamOptions_Revision{Revision: math.MaxUint64 - 1}
		}),
	} {
		equal(t, what, s.creating(req), refused)
	}
	allAt := func(commit, prepare uint64) *pb.CreateReq {
		return creation("$all", fmt.Sprint("g", commit, prepare), func(o *pb.CreateReq_Options) {
			o.GetAll().AllOption = &pb.CreateReq_AllOptions_Position{Position: &pb.CreateReq_Position{CommitPosition: commit, PreparePosition: prepare}}
		})
	}
	head, err := s.store.Info(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "at the last event", s.creating(allAt(uint64(head.Head), uint64(head.Head))), "OK")
	for _, at := range [][2]uint64{{1 << 40, 1 << 40}, {1, 2}, {math.MaxUint64, 1}} {
		equal(t, "beyond it", s.creating(allAt(at[0], at[1])), fmt.Sprint("Internal persistent-subscription-failed $all g", at[0], at[1]))
	}
	equal(t, "nothing", s.creating(creation("", "x")), "Internal persistent-subscription-failed  x")
	equal(t, "the log as a stream", s.creating(creation("s", "x", func(o *pb.CreateReq_Options) {
		o.GetStream().StreamIdentifier = streamID("$all")
	})), "Internal persistent-subscription-failed $all x")
	equal(t, "no filter's kind", s.creating(creation("$all", "x", func(o *pb.CreateReq_Options) {
		o.GetAll().FilterOption = &pb.CreateReq_AllOptions_Filter{Filter: &pb.CreateReq_AllOptions_FilterOptions{}}
	})), "InvalidArgument")
	_, err = s.c.Create(s.ctx, &pb.CreateReq{})
	equal(t, "no request", failed(err, nil), "Internal")
	_, err = s.c.Create(s.ctx, creation("s", "g"))
	equal(t, "text", err.Error(), "rpc error: code = AlreadyExists desc = Subscription group g on stream s exists.")
}

// TestPersistentSettings come back as they went.
func TestPersistentSettings(t *testing.T) {
	s := share(t)
	s.put("s", 3)
	s.create("s", "g", func(o *pb.CreateReq_Options) {
		o.GetStream().RevisionOption = &pb.CreateReq_StreamOptions_Revision{Revision: 5}
		o.Settings = &pb.CreateReq_Settings{
			ResolveLinks: true, ExtraStatistics: true, MaxRetryCount: 1, MinCheckpointCount: 10, MaxCheckpointCount: 1, MaxSubscriberCount: 5,
			LiveBufferSize: 6, ReadBatchSize: 7, HistoryBufferSize: 8,
			//lint:ignore SA1019 old clients send it
			NamedConsumerStrategy: pb.CreateReq_Pinned,
			MessageTimeout:        &pb.CreateReq_Settings_MessageTimeoutTicks{MessageTimeoutTicks: 120_000},
			CheckpointAfter:       &pb.CreateReq_Settings_CheckpointAfterTicks{CheckpointAfterTicks: 130_000},
		}
	})
	want := &pb.SubscriptionInfo{
		EventSource: "s", GroupName: "g", Status: "Live", ResolveLinkTos: true, ExtraStatistics: true, StartFrom: "5",
		MaxRetryCount: 1, MinCheckPointCount: 10, MaxCheckPointCount: 1, MaxSubscriberCount: 5, LiveBufferSize: 6, ReadBatchSize: 7, BufferSize: 8,
		NamedConsumerStrategy: "Pinned", MessageTimeoutMilliseconds: 12, CheckPointAfterMilliseconds: 13,
	}
	if got := s.info("s", "g"); !proto.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	for name, start := range map[string]struct {
		stream, want string
		change       func(*pb.CreateReq_Options)
	}{
		"start": {"s", "0", func(*pb.CreateReq_Options) {}},
		"end":   {"s", "-1", func(o *pb.CreateReq_Options) { o.GetStream().RevisionOption = &pb.CreateReq_StreamOptions_End{} }},
		"as of old": {"s", "-1", func(o *pb.CreateReq_Options) {
			//lint:ignore SA1019 old clients send it
			o.StreamOption, o.StreamIdentifier, o.Settings.Revision = nil, streamID("s"), math.MaxUint64
		}},
		"log":     {"$all", "C:0/P:0", func(*pb.CreateReq_Options) {}},
		"log end": {"$all", "C:-1/P:-1", func(o *pb.CreateReq_Options) { o.GetAll().AllOption = &pb.CreateReq_AllOptions_End{} }},
		"log at": {"$all", "C:2/P:1", func(o *pb.CreateReq_Options) {
			o.GetAll().AllOption = &pb.CreateReq_AllOptions_Position{Position: &pb.CreateReq_Position{CommitPosition: 2, PreparePosition: 1}}
		}},
	} {
		s.create(start.stream, name, start.change)
		equal(t, name, s.info(start.stream, name).GetStartFrom(), start.want)
	}
}

func TestPersistentUpdate(t *testing.T) {
	s := share(t)
	s.put("a", 1)
	s.put("b", 1)
	s.create("$all", "g", byPrefix("b"))
	update := &pb.UpdateReq{Options: &pb.UpdateReq_Options{
		GroupName: "g", StreamOption: &pb.UpdateReq_Options_All{All: &pb.UpdateReq_AllOptions{AllOption: &pb.UpdateReq_AllOptions_Start{}}},
		Settings: &pb.UpdateReq_Settings{ReadBatchSize: 1, HistoryBufferSize: 2, MaxRetryCount: 9, NamedConsumerStrategy: pb.UpdateReq_RoundRobin},
	}}
	if _, err := s.c.Update(s.ctx, update); err != nil {
		t.Fatal(err)
	}
	if i := s.info("$all", "g"); i.GetMaxRetryCount() != 9 || i.GetNamedConsumerStrategy() != "RoundRobin" {
		t.Errorf("got %v", i)
	}
	s.consume("$all", "g", 9).want("b/0")
	update.Options.GroupName = "h"
	equal(t, "missing", outcome(func(o ...grpc.CallOption) error { _, err := s.c.Update(s.ctx, update, o...); return err }),
		"NotFound persistent-subscription-does-not-exist $all h")
}

func TestPersistentInfo(t *testing.T) {
	s := share(t)
	s.put("s", 3)
	s.create("s", "g", checkpointing, func(o *pb.CreateReq_Options) { o.Settings.ExtraStatistics = true })
	s.create("$all", "g")
	w := s.consume("s", "g", 2)
	w.want("s/0", "s/1")
	w.ack(1)
	w.want("s/2")
	s.eventually("a checkpoint", func() bool { return s.info("s", "g").GetLastCheckpointedEventPosition() == "0" })
	i := s.info("s", "g")
	c := i.GetConnections()[0]
	if i.GetLastKnownEventPosition() != "2" || i.GetTotalItems() != 1 || i.GetTotalInFlightMessages() != 2 || i.GetAveragePerSecond() != 1 ||
		len(i.GetConnections()) != 1 || c.GetInFlightMessages() != 2 || c.GetAvailableSlots() != 0 || c.GetTotalItems() != 1 ||
		c.GetConnectionName() != "<unknown>" || c.GetUsername() != "anonymous" || c.GetFrom() == "" || len(c.GetObservedMeasurements()) != 14 {
		t.Errorf("got %v", i)
	}
	for _, m := range c.GetObservedMeasurements() {
		if m.GetValue() < 1 {
			t.Errorf("%s is %d", m.GetKey(), m.GetValue())
		}
	}
	list := func(o *pb.ListReq_Options) string {
		r, err := s.c.List(s.ctx, &pb.ListReq{Options: o})
		names := ""
		for _, i := range r.GetSubscriptions() {
			names += i.GetEventSource() + "::" + i.GetGroupName() + " "
		}
		if err != nil {
			return err.Error()
		}
		return names
	}
	of := func(stream string) *pb.ListReq_Options {
		return &pb.ListReq_Options{ListOption: &pb.ListReq_Options_ListForStream{ListForStream: &pb.ListReq_StreamOption{
			StreamOption: &pb.ListReq_StreamOption_Stream{Stream: streamID(stream)},
		}}}
	}
	log := of("")
	log.GetListForStream().StreamOption = &pb.ListReq_StreamOption_All{All: &shared.Empty{}}
	equal(t, "all", list(&pb.ListReq_Options{ListOption: &pb.ListReq_Options_ListAllSubscriptions{}}), "$all::g s::g ")
	equal(t, "of a stream", list(of("s")), "s::g ")
	equal(t, "of the log", list(log), "$all::g ")
	equal(t, "of another", list(of("t")), "rpc error: code = NotFound desc = Subscription group  on stream t does not exist.")
}

func TestPersistentDelete(t *testing.T) {
	s := share(t)
	remove := &pb.DeleteReq{Options: &pb.DeleteReq_Options{GroupName: "g", StreamOption: &pb.DeleteReq_Options_All{All: &shared.Empty{}}}}
	deleting := func() string {
		return outcome(func(o ...grpc.CallOption) error { _, err := s.c.Delete(s.ctx, remove, o...); return err })
	}
	equal(t, "missing", deleting(), "NotFound persistent-subscription-does-not-exist $all g")
	s.create("$all", "g")
	equal(t, "there", deleting(), "OK")
	equal(t, "missing", deleting(), "NotFound persistent-subscription-does-not-exist $all g")
}

// TestPersistentTruncate: the call that the client's definition does not know.
func TestPersistentTruncate(t *testing.T) {
	s := share(t)
	s.put("s", 3)
	s.create("s", "g")
	w := s.consume("s", "g", 9)
	w.want("s/0", "s/1", "s/2")
	w.nack(3, pb.ReadReq_Nack_Park)
	s.eventually("parked", func() bool { return s.info("s", "g").GetParkedMessageCount() == 3 })
	truncate := replaying("s", "g")
	truncate.Options.StopAtOption = &pb.ReplayParkedReq_Options_StopAt{StopAt: 2}
	const method = "/event_store.client.persistent_subscriptions.PersistentSubscriptions/TruncateParked"
	if err := s.conn.Invoke(s.ctx, method, truncate, &pb.ReplayParkedResp{}); err != nil {
		t.Fatal(err)
	}
	s.replay("s", "g")
	w.want("$persistentsubscription-s::g-parked/2>s/2")
	negative := replaying("s", "g")
	negative.Options.StopAtOption = &pb.ReplayParkedReq_Options_StopAt{StopAt: -1}
	equal(t, "a negative number", outcome(func(o ...grpc.CallOption) error { _, err := s.c.ReplayParked(s.ctx, negative, o...); return err }),
		"Internal persistent-subscription-failed s g")
	equal(t, "missing", outcome(func(o ...grpc.CallOption) error {
		return s.conn.Invoke(s.ctx, method, replaying("s", "h"), &pb.ReplayParkedResp{}, o...)
	}), "NotFound persistent-subscription-does-not-exist s h")
}

// TestPersistentAccess: who may do what.
func TestPersistentAccess(t *testing.T) {
	p := newSecurePeer(t, kurrent.Options{})
	s := newSharing(p)
	s.put("s", 1)
	admin := s.as("admin")
	admin.create("s", "g")
	admin.create("$all", "g")
	//lint:ignore SA1019 old clients send it
	update := &pb.UpdateReq{Options: &pb.UpdateReq_Options{GroupName: "g", StreamIdentifier: streamID("s"), Settings: &pb.UpdateReq_Settings{HistoryBufferSize: 1}}}
	getInfo := &pb.GetInfoReq{Options: &pb.GetInfoReq_Options{GroupName: "g", StreamOption: &pb.GetInfoReq_Options_StreamIdentifier{StreamIdentifier: streamID("s")}}}
	const denied, operators, users = "PermissionDenied access-denied", "admin ops", "admin ops ann"
	for name, call := range map[string]struct {
		may string
		do  func(s *sharing, o ...grpc.CallOption) error
	}{
		"Create": {operators, func(s *sharing, o ...grpc.CallOption) error {
			_, err := s.c.Create(s.ctx, creation("s", cairn.NewID().String()), o...)
			return err
		}},
		"Update": {operators, func(s *sharing, o ...grpc.CallOption) error { _, err := s.c.Update(s.ctx, update, o...); return err }},
		"ReplayParked": {operators, func(s *sharing, o ...grpc.CallOption) error {
			_, err := s.c.ReplayParked(s.ctx, replaying("s", "g"), o...)
			return err
		}},
		"Restart": {operators, func(s *sharing, o ...grpc.CallOption) error {
			_, err := s.c.RestartSubsystem(s.ctx, &shared.Empty{}, o...)
			return err
		}},
		"Restart as an operation": {operators, func(s *sharing, o ...grpc.CallOption) error {
			_, err := operations.NewOperationsClient(s.conn).RestartPersistentSubscriptions(s.ctx, &shared.Empty{}, o...)
			return err
		}},
		"GetInfo": {users, func(s *sharing, o ...grpc.CallOption) error { _, err := s.c.GetInfo(s.ctx, getInfo, o...); return err }},
		"List": {users, func(s *sharing, o ...grpc.CallOption) error {
			_, err := s.c.List(s.ctx, &pb.ListReq{}, o...)
			return err
		}},
		"Delete": {operators, func(s *sharing, o ...grpc.CallOption) error {
			group := cairn.NewID().String()
			admin.create("s", group)
			_, err := s.c.Delete(s.ctx, &pb.DeleteReq{Options: &pb.DeleteReq_Options{GroupName: group, StreamOption: &pb.DeleteReq_Options_StreamIdentifier{StreamIdentifier: streamID("s")}}}, o...)
			return err
		}},
	} {
		for _, login := range []string{"admin", "ops", "ann", ""} {
			want := denied
			if login != "" && (call.may == users || login != "ann") {
				want = "OK"
			}
			equal(t, name+" by "+login, outcome(func(o ...grpc.CallOption) error { return call.do(s.as(login), o...) }), want)
		}
	}
	s.as("ann").consume("s", "g", 1).want("s/0")
	s.as("ann").connect(consumption("$all", "g", 1)).want(denied)
	s.connect(consumption("s", "g", 1)).want(denied)
	s.connect(consumption("s", "none", 1)).want(denied)
}

// TestPersistentAccessChanges: who may not read any more gets nothing more, and a
// link to what one may not read leads nowhere.
func TestPersistentAccessChanges(t *testing.T) {
	s := newSharing(newSecurePeer(t, kurrent.Options{}))
	s.put("own-1", 1)
	s.put("s", 1)
	s.as("admin").create("s", "g")
	s.as("admin").create("$ce-own", "g", resolvingLinks)
	only := func(stream string) {
		if _, err := cairn.SetMetadata(s.ctx, s.store, stream, cairn.Any, cairn.StreamMetadata{ACL: &cairn.ACL{Read: []string{"ops"}}}); err != nil {
			t.Fatal(err)
		}
	}
	w := s.as("ann").consume("s", "g", 1)
	w.want("s/0")
	only("s")
	w.want("PermissionDenied access-denied")
	only("own-1")
	w = s.as("ann").consume("$ce-own", "g", 1)
	w.want("$ce-own/0>")
	w.nack(1, pb.ReadReq_Nack_Retry)
	w.want("$ce-own/0>+")
	w.leave() // with what has come again
	w = s.as("ops").consume("$ce-own", "g", 1)
	w.want("$ce-own/0>own-1/0++")
	c := s.as("ops").info("$ce-own", "g").GetConnections()[0]
	equal(t, "user", c.GetUsername(), "ops")
}

// TestPersistentAnonymous: also where anybody may read streams, a consumer has to be
// somebody.
func TestPersistentAnonymous(t *testing.T) {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	c, err := access.New(t.Context(), store, access.Options{Iterations: 1, AllowAnonymousStreamAccess: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	s := newSharing(newPeerOver(t, store, c, kurrent.Options{}, grpc.StreamInterceptor(c.StreamInterceptor())))
	s.connect(consumption("s", "g", 1)).want("PermissionDenied access-denied")
}
