package kurrent_test

import (
	"encoding/binary"
	"testing"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent"
)

func TestPersistentRead(t *testing.T) {
	s := share(t)
	s.put("s", 3)
	s.create("s", "g")
	w := s.consume("s", "g", 2)
	w.want("s/0", "s/1")
	e := w.has[0]
	if e.GetCommitPosition() != 1 || e.Event.GetCommitPosition() != 1 || e.Event.GetPreparePosition() != 1 || string(e.Event.GetData()) != "{}" ||
		string(e.Event.GetCustomMetadata()) != `{"m":1}` || e.Event.GetMetadata()["type"] != "x" || e.Event.GetMetadata()["content-type"] != "application/json" {
		t.Errorf("got %v", e)
	}
	w.ack(1)
	w.want("s/2")
	w.nack(1, pb.ReadReq_Nack_Retry)
	w.want("s/1+")
	w.nack(2, pb.ReadReq_Nack_Unknown)
	w.want("s/1++", "s/2+")
	w.nack(2, pb.ReadReq_Nack_Skip)
	s.put("s", 1)
	w.want("s/3")
}

// TestPersistentIDs: in the form that was asked for, and answered in either.
func TestPersistentIDs(t *testing.T) {
	s := share(t)
	s.put("s", 3)
	s.create("s", "g")
	o := consumption("s", "g", 1)
	o.UuidOption = &pb.ReadReq_Options_UUIDOption{Content: &pb.ReadReq_Options_UUIDOption_Structured{Structured: &shared.Empty{}}}
	w := s.connect(o)
	w.want("confirmed s::g", "s/0")
	if w.has[0].Event.GetId().GetStructured() == nil {
		t.Errorf("got %v", w.has[0].Event.GetId())
	}
	w.ack(1)
	w.want("s/1")
	var id cairn.ID
	halves := w.has[0].Event.GetId().GetStructured()
	binary.BigEndian.PutUint64(id[:8], uint64(halves.GetMostSignificantBits()))
	binary.BigEndian.PutUint64(id[8:], uint64(halves.GetLeastSignificantBits()))
	none := &shared.UUID{Value: &shared.UUID_String_{String_: "?"}}
	w.send(&pb.ReadReq{Content: &pb.ReadReq_Ack_{Ack: &pb.ReadReq_Ack{Ids: []*shared.UUID{none, {}, uuid(cairn.NewID()), uuid(id)}}}})
	w.want("s/2")
}

func TestPersistentLinks(t *testing.T) {
	s := share(t)
	s.put("s", 2)
	s.link("l", "0@s")
	s.link("l", "7@s")
	s.link("l", "2@l")
	s.link("l", "nonsense")
	s.create("l", "followed", resolvingLinks)
	s.create("l", "plain")
	s.consume("l", "plain", 9).want("l/0", "l/1", "l/2", "l/3")
	w := s.consume("l", "followed", 9)
	w.want("l/0>s/0", "l/1>", "l/2>l/2", "l/3")
	w.ack(3)
	w.nack(1, pb.ReadReq_Nack_Retry)
	w.want("l/3+")
}

// TestPersistentVirtual: streams that are answered from the index.
func TestPersistentVirtual(t *testing.T) {
	s := share(t)
	s.put("a-1", 2)
	s.create("$ce-a", "g", resolvingLinks, checkpointing)
	s.create("$et-x", "g", resolvingLinks)
	w := s.consume("$ce-a", "g", 2)
	w.want("$ce-a/0>a-1/0", "$ce-a/1>a-1/1")
	s.put("a-2", 2)
	w.nack(1, pb.ReadReq_Nack_Park)
	w.want("$ce-a/2>a-2/0")
	w.ack(2)
	w.want("$ce-a/3>a-2/1")
	w.ack(1)
	s.eventually("a checkpoint", func() bool { return s.info("$ce-a", "g").GetLastCheckpointedEventPosition() == "3" })
	equal(t, "parked", s.stored("$persistentsubscription-$ce-a::g-parked")[0], "0@a-1")
	s.replay("$ce-a", "g")
	w.want("$persistentsubscription-$ce-a::g-parked/0>a-1/0")
	s.consume("$et-x", "g", 9).want("$et-x/0>a-1/0", "$et-x/1>a-1/1", "$et-x/2>a-2/0", "$et-x/3>a-2/1")
}

func TestPersistentAll(t *testing.T) {
	s := share(t)
	s.put("a-1", 1)
	s.put("b", 1)
	s.put("a-2", 1)
	s.create("$all", "g", byPrefix("a-"), checkpointing)
	s.create("$all", "every")
	w := s.consume("$all", "g", 1)
	w.want("a-1/0")
	w.ack(1)
	w.want("a-2/0")
	w.nack(1, pb.ReadReq_Nack_Park)
	s.eventually("parked", func() bool { return s.info("$all", "g").GetParkedMessageCount() == 1 })
	s.replay("$all", "g")
	w.want("$persistentsubscription-$all::g-parked/0>a-2/0")
	w.nack(1, pb.ReadReq_Nack_Retry)
	w.want("$persistentsubscription-$all::g-parked/0>a-2/0+")
	w.ack(1)
	w.leave()
	every := s.consume("$all", "every", 100)
	every.want("a-1/0", "b/0", "a-2/0")
	s.put("c", 1)
	for {
		// what the server writes about itself is in the log, but for this
		got := every.next()
		if got == "c/0" {
			break
		}
		if len(got) > 30 && got[:30] == "$persistentsubscription-$all::" {
			t.Errorf("delivered %s", got)
		}
	}
}

// TestPersistentFilters: by every kind of filter.
func TestPersistentFilters(t *testing.T) {
	expression := func(regex string, prefixes ...string) *pb.CreateReq_AllOptions_FilterOptions_Expression {
		return &pb.CreateReq_AllOptions_FilterOptions_Expression{Regex: regex, Prefix: prefixes}
	}
	s := share(t)
	s.put("a-1", 1)
	s.link("b", "0@a-1")
	s.put("a-2", 1)
	for group, f := range map[string]*pb.CreateReq_AllOptions_FilterOptions{
		"by pattern": {Filter: &pb.CreateReq_AllOptions_FilterOptions_StreamIdentifier{StreamIdentifier: expression("^a-")}},
		"by type":    {Filter: &pb.CreateReq_AllOptions_FilterOptions_EventType{EventType: expression("", "x")}},
		"types":      {Filter: &pb.CreateReq_AllOptions_FilterOptions_EventType{EventType: expression(`^(?!\$)`)}},
	} {
		s.create("$all", group, func(o *pb.CreateReq_Options) {
			o.GetAll().FilterOption = &pb.CreateReq_AllOptions_Filter{Filter: f}
		})
		s.consume("$all", group, 9).want("a-1/0", "a-2/0")
	}
	s.put("a", 1) // is counted in the category and not listed there
	s.put("a-3", 1)
	s.create("$all", "links", byPrefix("$ce-a"), resolvingLinks)
	w := s.consume("$all", "links", 9)
	w.want("$ce-a/0>a-1/0", "$ce-a/1>a-2/0", "$ce-a/3>a-3/0")
	w.nack(1, pb.ReadReq_Nack_Retry)
	w.want("$ce-a/0>a-1/0+")
}

// TestPersistentClosedStream: what is there is delivered, and then nothing more.
func TestPersistentClosedStream(t *testing.T) {
	s := share(t)
	s.put("s", 1)
	s.create("s", "g")
	w := s.consume("s", "g", 9)
	w.want("s/0")
	if _, err := cairn.TombstoneStream(s.ctx, s.store, "s", cairn.Any); err != nil {
		t.Fatal(err)
	}
	w.want("s/9223372036854775807")
	w.nack(1, pb.ReadReq_Nack_Retry)
	w.leave()
	s.consume("s", "g", 9)
}

// TestPersistentRefusesConsumers: what is wrong with a call is said in its own way.
func TestPersistentRefusesConsumers(t *testing.T) {
	s := share(t)
	s.create("s", "g", func(o *pb.CreateReq_Options) { o.Settings.MaxSubscriberCount = 1 })
	s.connect(consumption("s", "h", 1)).want("NotFound persistent-subscription-does-not-exist s h")
	s.connect(consumption("$all", "h", 1)).want("NotFound persistent-subscription-does-not-exist $all h")
	s.connect(consumption("", "h", 1)).want("InvalidArgument")
	s.connect(consumption("s", "g", 0)).want("Internal persistent-subscription-failed s g")
	o := consumption("s", "g", 1)
	o.UuidOption = nil
	s.connect(o).want("InvalidArgument")
	w := s.consume("s", "g", 1)
	s.connect(consumption("s", "g", 1)).want("FailedPrecondition maximum-subscribers-reached s g")
	w.send(&pb.ReadReq{})
	w.want("InvalidArgument")
	s.eventually("it has left", func() bool { return len(s.info("s", "g").GetConnections()) == 0 })
	w = s.consume("s", "g", 1)
	if err := w.call.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.call.Recv(); err == nil || err.Error() != "EOF" {
		t.Errorf("after the client has said all: %v", err)
	}
}

// TestPersistentDropped: by an update, a deletion, a restart and the end of the
// server.
func TestPersistentDropped(t *testing.T) {
	s := share(t)
	s.put("s", 1)
	s.create("s", "g")
	update := &pb.UpdateReq{Options: &pb.UpdateReq_Options{
		GroupName: "g", StreamOption: &pb.UpdateReq_Options_Stream{Stream: &pb.UpdateReq_StreamOptions{StreamIdentifier: streamID("s")}},
		Settings: &pb.UpdateReq_Settings{ReadBatchSize: 1, HistoryBufferSize: 2, MaxRetryCount: 1},
	}}
	remove := &pb.DeleteReq{Options: &pb.DeleteReq_Options{GroupName: "g", StreamOption: &pb.DeleteReq_Options_StreamIdentifier{StreamIdentifier: streamID("s")}}}
	const dropped = "Canceled persistent-subscription-dropped s g"
	for _, end := range []func() error{
		func() error { _, err := s.c.Update(s.ctx, update); return err },
		func() error { _, err := s.c.RestartSubsystem(s.ctx, &shared.Empty{}); return err },
		func() error { _, err := s.c.Delete(s.ctx, remove); return err },
	} {
		w := s.consume("s", "g", 1)
		w.want("s/0")
		if err := end(); err != nil {
			t.Fatal(err)
		}
		w.want(dropped)
	}
	s.create("s", "g")
	w := s.consume("s", "g", 1)
	w.want("s/0")
	s.service.Close()
	w.want("Unavailable")
	s.connect(consumption("s", "g", 1)).want("Unavailable")
	_, err := s.c.Create(s.ctx, creation("s", "h"))
	equal(t, "after the end", failed(err, nil), "Unavailable")
}

// TestPersistentGoesOn: over another server of the same store. That the first one
// ended is nobody's failure.
func TestPersistentGoesOn(t *testing.T) {
	s := share(t)
	s.put("s", 5)
	s.create("s", "g", func(o *pb.CreateReq_Options) { o.Settings.MaxRetryCount = 0 })
	w := s.consume("s", "g", 3)
	w.want("s/0", "s/1", "s/2")
	w.ack(2)
	s.eventually("settled", func() bool { return s.info("s", "g").GetTotalItems() == 2 })
	s.service.Close()
	again := newSharing(newPeerOver(t, s.store, openControl(), kurrent.Options{}))
	again.consume("s", "g", 3).want("s/2", "s/3", "s/4")
	equal(t, "checkpoint", again.info("s", "g").GetLastCheckpointedEventPosition(), "1")
}
