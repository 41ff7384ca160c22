package kurrent

import (
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/cairndb/cairn"
)

// A sender sends the answers to a read. Events are encoded as they come from the
// store, without becoming messages first.
type sender struct {
	stream  grpc.ServerStream
	text    bool // IDs are sent as text
	arena   arena
	message encoded
	shapes  [2]shape
}

// event sends an event, or a link with the event that it leads to. Either may be
// nil; commit is the position of the one that was read.
func (s *sender) event(e, link *cairn.Recorded, commit cairn.Position) error {
	return s.delivery(e, link, commit, -1)
}

// delivery does so and says how often the event was delivered before, unless that
// is negative.
func (s *sender) delivery(e, link *cairn.Recorded, commit cairn.Position, retries int) error {
	n := sizeNumber(uint64(commit))
	if retries >= 0 {
		n += sizeNumber(uint64(retries))
	}
	for i, r := range [...]*cairn.Recorded{e, link} {
		if s.shapes[i].Recorded = r; r != nil {
			s.shapes[i].measure(r, s.text)
			n += sizeBytes(s.shapes[i].size)
		}
	}
	b := appendHeader(s.arena.take(sizeBytes(n)), 1, n)
	for i := range s.shapes {
		if at := &s.shapes[i]; at.Recorded != nil {
			b = at.append(appendHeader(b, byte(i+1), at.size))
		}
	}
	b = appendNumber(b, 3, uint64(commit))
	if retries >= 0 {
		b = appendNumber(b, 5, uint64(retries))
	}
	s.message.data = s.arena.message(b)
	return s.stream.SendMsg(&s.message)
}

func (s *sender) confirm() error {
	id := &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: cairn.NewID().String()}
	return s.stream.SendMsg(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{Confirmation: id}})
}

func (s *sender) streamNotFound(stream string) error {
	id := &shared.StreamIdentifier{StreamName: []byte(stream)}
	missing := &streams.ReadResp_StreamNotFound{StreamIdentifier: id}
	return s.stream.SendMsg(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: missing}})
}

func (s *sender) firstStreamPosition(r cairn.Revision) error {
	return s.stream.SendMsg(&streams.ReadResp{Content: &streams.ReadResp_FirstStreamPosition{FirstStreamPosition: uint64(r)}})
}

func (s *sender) lastStreamPosition(r cairn.Revision) error {
	return s.stream.SendMsg(&streams.ReadResp{Content: &streams.ReadResp_LastStreamPosition{LastStreamPosition: uint64(r)}})
}

func (s *sender) checkpoint(p cairn.Position) error {
	c := &streams.ReadResp_Checkpoint{CommitPosition: uint64(p), PreparePosition: uint64(p), Timestamp: now()}
	return s.stream.SendMsg(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: c}})
}

// caughtUpStream says that a subscription to a stream has become live. An empty
// stream has no revision to say.
func (s *sender) caughtUpStream(r cairn.Revision) error {
	c := &streams.ReadResp_CaughtUp{Timestamp: now()}
	if r >= 0 {
		c.StreamRevision = (*int64)(&r)
	}
	return s.stream.SendMsg(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: c}})
}

// caughtUpAll says that a subscription to the log has become live. An empty log
// has no position to say.
func (s *sender) caughtUpAll(p cairn.Position) error {
	c := &streams.ReadResp_CaughtUp{Timestamp: now()}
	if p > 0 {
		c.Position = &streams.ReadResp_Position{CommitPosition: uint64(p), PreparePosition: uint64(p)}
	}
	return s.stream.SendMsg(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: c}})
}

func now() *timestamppb.Timestamp { return timestamppb.New(time.Now()) }
