package kurrent_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/kurrentdb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// newClient is the official client of a service over memory, by a real socket.
func newClient(t *testing.T) (*kurrentdb.Client, context.Context) {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	service := kurrent.New(store, access.Open(), kurrent.Options{MaxAppendSize: 1 << 20, MaxAppendEventSize: 1 << 19})
	server := grpc.NewServer(grpc.ForceServerCodecV2(kurrent.Codec()), grpc.WaitForHandlers(true))
	service.Register(server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	settings, err := kurrentdb.ParseConnectionString("kurrentdb://" + listener.Addr().String() + "?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	settings.Logger = func(kurrentdb.LogLevel, string, ...any) {}
	client, err := kurrentdb.NewClient(settings)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(func() {
		cancel()
		client.Close()
		service.Close()
		server.Stop()
		store.Close()
		nothingRuns(t)
	})
	return client, ctx
}

func some(from, n int) []kurrentdb.EventData {
	all := make([]kurrentdb.EventData, n)
	for i := range all {
		all[i] = kurrentdb.EventData{EventID: [16]byte(id(from + i)), EventType: "x", ContentType: kurrentdb.ContentTypeJson, Data: []byte(`{"n":1}`), Metadata: []byte(`{"m":1}`)}
	}
	return all
}

// readBy is what the client reads, in the letters that line has for it.
func readBy(t *testing.T, s *kurrentdb.ReadStream, err error) string {
	t.Helper()
	var lines []string
	for err == nil {
		var e *kurrentdb.ResolvedEvent
		if e, err = s.Recv(); err == nil {
			lines = append(lines, resolvedLine(e))
		}
	}
	if !errors.Is(err, io.EOF) {
		lines = append(lines, codeOf(err))
	}
	if s != nil {
		s.Close()
	}
	return strings.Join(lines, ", ")
}

func resolvedLine(e *kurrentdb.ResolvedEvent) string {
	target, link := "", ""
	if e.Event != nil {
		target = fmt.Sprintf("%s/%d", e.Event.StreamID, e.Event.EventNumber)
	}
	if e.Link != nil {
		link = fmt.Sprintf("%s/%d>", e.Link.StreamID, e.Link.EventNumber)
	}
	return link + target
}

var codeNames = map[kurrentdb.ErrorCode]string{
	kurrentdb.ErrorCodeResourceNotFound: "not found", kurrentdb.ErrorCodeStreamDeleted: "deleted",
	kurrentdb.ErrorCodeWrongExpectedVersion: "conflict",
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	e, _ := kurrentdb.FromError(err)
	if name, ok := codeNames[e.Code()]; ok {
		return name
	}
	return fmt.Sprintf("%d %v", e.Code(), err)
}

func TestClientAppendsAndReads(t *testing.T) {
	c, ctx := newClient(t)
	first, err := c.AppendToStream(ctx, "s-1", kurrentdb.AppendToStreamOptions{StreamState: kurrentdb.NoStream{}}, some(1, 3)...)
	if err != nil || first.NextExpectedVersion != 2 || first.CommitPosition != 3 {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := c.AppendToStream(ctx, "s-1", kurrentdb.AppendToStreamOptions{StreamState: kurrentdb.NoStream{}}, some(1, 3)...)
	if err != nil || *again != *first {
		t.Errorf("again: %+v, %v", again, err)
	}
	_, err = c.AppendToStream(ctx, "s-1", kurrentdb.AppendToStreamOptions{StreamState: kurrentdb.NoStream{}}, some(9, 1)...)
	equal(t, "conflict", codeOf(err), "conflict")
	_, err = c.AppendToStream(ctx, "none", kurrentdb.AppendToStreamOptions{StreamState: kurrentdb.StreamExists{}}, some(9, 1)...)
	equal(t, "conflict", codeOf(err), "conflict")

	read := func(stream string, o kurrentdb.ReadStreamOptions, n uint64) string {
		s, err := c.ReadStream(ctx, stream, o, n)
		return readBy(t, s, err)
	}
	equal(t, "forward", read("s-1", kurrentdb.ReadStreamOptions{}, 99), run("s-1", 0, 2))
	equal(t, "backward", read("s-1", kurrentdb.ReadStreamOptions{Direction: kurrentdb.Backwards, From: kurrentdb.End{}}, 2), run("s-1", 2, 1))
	equal(t, "missing", read("none", kurrentdb.ReadStreamOptions{}, 9), "not found")
	equal(t, "category", read("$ce-s", kurrentdb.ReadStreamOptions{ResolveLinkTos: true}, 2), "$ce-s/0>s-1/0, $ce-s/1>s-1/1")
	s, err := c.ReadAll(ctx, kurrentdb.ReadAllOptions{From: kurrentdb.Position{Commit: 2, Prepare: 2}}, 2)
	equal(t, "log", readBy(t, s, err), "s-1/1, s-1/2")

	s, err = c.ReadStream(ctx, "s-1", kurrentdb.ReadStreamOptions{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Recv()
	if err != nil || cairn.ID(e.Event.EventID) != id(1) || e.Event.EventType != "x" || e.Event.ContentType != "application/json" ||
		string(e.Event.Data) != `{"n":1}` || string(e.Event.UserMetadata) != `{"m":1}` || e.Event.Position.Commit != 1 ||
		time.Since(e.Event.CreatedDate) > time.Minute || e.OriginalEvent() != e.Event {
		t.Errorf("event %+v, %v", e, err)
	}
	s.Close()
}

func TestClientDeletes(t *testing.T) {
	c, ctx := newClient(t)
	add := func(from int) error {
		_, err := c.AppendToStream(ctx, "s", kurrentdb.AppendToStreamOptions{}, some(from, 2)...)
		return err
	}
	if err := add(1); err != nil {
		t.Fatal(err)
	}
	_, err := c.DeleteStream(ctx, "s", kurrentdb.DeleteStreamOptions{StreamState: kurrentdb.Revision(7)})
	if err == nil || !strings.Contains(err.Error(), "Actual version: 1") {
		t.Errorf("wrong revision: %v", err)
	}
	r, err := c.DeleteStream(ctx, "s", kurrentdb.DeleteStreamOptions{StreamState: kurrentdb.Revision(1)})
	if err != nil || r.Position.Commit != 3 || r.Position.Prepare != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	s, err := c.ReadStream(ctx, "s", kurrentdb.ReadStreamOptions{}, 9)
	equal(t, "soft-deleted", readBy(t, s, err), "not found")
	if err := add(3); err != nil {
		t.Fatal(err)
	}
	s, err = c.ReadStream(ctx, "s", kurrentdb.ReadStreamOptions{}, 9)
	equal(t, "recreated", readBy(t, s, err), run("s", 2, 3))
	if _, err := c.TombstoneStream(ctx, "s", kurrentdb.TombstoneStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	equal(t, "append", codeOf(add(5)), "deleted")
	s, err = c.ReadStream(ctx, "s", kurrentdb.ReadStreamOptions{}, 9)
	equal(t, "tombstoned", readBy(t, s, err), "deleted")
}

func TestClientMetadata(t *testing.T) {
	c, ctx := newClient(t)
	m := kurrentdb.StreamMetadata{}
	m.SetMaxCount(2)
	m.SetMaxAge(0xDABACAB * time.Second)
	m.AddCustomProperty("emoji", "😀")
	if _, err := c.SetStreamMetadata(ctx, "s", kurrentdb.AppendToStreamOptions{StreamState: kurrentdb.NoStream{}}, m); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetStreamMetadata(ctx, "s", kurrentdb.ReadStreamOptions{})
	if err != nil || *got.MaxCount() != 2 || *got.MaxAge() != *m.MaxAge() || got.CustomProperty("emoji") != "😀" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := c.AppendToStream(ctx, "s", kurrentdb.AppendToStreamOptions{}, some(1, 20)...); err != nil {
		t.Fatal(err)
	}
	s, err := c.ReadStream(ctx, "s", kurrentdb.ReadStreamOptions{}, 99)
	equal(t, "read", readBy(t, s, err), run("s", 18, 19))
}

func TestClientSubscribes(t *testing.T) {
	c, ctx := newClient(t)
	add := func(stream string, from int) {
		t.Helper()
		if _, err := c.AppendToStream(ctx, stream, kurrentdb.AppendToStreamOptions{}, some(from, 2)...); err != nil {
			t.Fatal(err)
		}
	}
	add("s", 1)
	stream, err := c.SubscribeToStream(ctx, "s", kurrentdb.SubscribeToStreamOptions{From: kurrentdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	filter := kurrentdb.SubscriptionFilter{Type: kurrentdb.StreamFilterType, Regex: "^s"}
	all, err := c.SubscribeToAll(ctx, kurrentdb.SubscribeToAllOptions{From: kurrentdb.Start{}, Filter: &filter, MaxSearchWindow: 2, CheckpointInterval: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	equal(t, "stream", told(stream, 3), "s/0, s/1, live 1")
	equal(t, "log", told(all, 4), "s/0, s/1, checkpoint 2, live")
	add("other", 3)
	add("s", 5)
	equal(t, "stream", told(stream, 2), "s/2, s/3")
	equal(t, "log", told(all, 4), "checkpoint 4, s/2, s/3, checkpoint 6")
	if _, err := c.TombstoneStream(ctx, "s", kurrentdb.TombstoneStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	equal(t, "end", told(stream, 2), "s/9223372036854775807, dropped: Event stream 's' is deleted.")
}

// told is what a subscription says next.
func told(s *kurrentdb.Subscription, n int) string {
	var lines []string
	for range n {
		switch e := s.Recv(); {
		case e.EventAppeared != nil:
			lines = append(lines, resolvedLine(e.EventAppeared))
		case e.CheckPointReached != nil:
			lines = append(lines, fmt.Sprint("checkpoint ", e.CheckPointReached.Commit))
		case e.CaughtUp != nil && e.CaughtUp.StreamRevision != nil:
			lines = append(lines, fmt.Sprint("live ", *e.CaughtUp.StreamRevision))
		case e.CaughtUp != nil:
			lines = append(lines, "live")
		case e.SubscriptionDropped != nil:
			return strings.Join(append(lines, "dropped: "+status.Convert(e.SubscriptionDropped.Error).Message()), ", ")
		}
	}
	return strings.Join(lines, ", ")
}
