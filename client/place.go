package client

import (
	"context"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
	"github.com/cairndb/cairn/internal/proto/wire"
)

// A streamPlace is how far a read of a stream has come.
type streamPlace struct {
	stream string
	cairn.ReadOptions
	seen cairn.Revision // forward, the last
}

func (p *streamPlace) open(ctx context.Context, stub cairnv1.StoreClient, until cairn.Position) (grpc.ClientStream, error) {
	return stub.ReadStream(ctx, &cairnv1.ReadStreamRequest{
		Stream: p.stream, From: int64(p.From), Before: int64(p.Before), Backward: p.Backward,
		Limit: int64(p.Limit), Follow: p.Follow, Until: uint64(until),
	})
}

func (p *streamPlace) pass(e *cairn.Recorded) (fresh, last bool) {
	if p.Backward {
		p.Before = e.Revision
		return true, e.Revision == 0 || reached(&p.Limit)
	}
	if e.Revision <= p.seen {
		return false, false
	}
	// There is no revision behind a tombstone's, which is then read once more
	// before the read learns that the stream is closed.
	p.seen, p.From = e.Revision, max(e.Revision+1, e.Revision)
	return true, reached(&p.Limit)
}

func (p *streamPlace) tell(it *wire.Item) {
	if it.Kind == wire.CaughtUp && p.CaughtUp != nil {
		p.CaughtUp(cairn.Revision(it.At))
	}
}

// A logPlace is how far a read of the log has come.
type logPlace struct {
	cairn.AllOptions
	told cairn.Position // the last that the caller knows to be dealt with
}

func (p *logPlace) open(ctx context.Context, stub cairnv1.StoreClient, until cairn.Position) (grpc.ClientStream, error) {
	return stub.ReadAll(ctx, &cairnv1.ReadAllRequest{
		After: uint64(p.After), Before: uint64(p.Before), Backward: p.Backward, Limit: int64(p.Limit),
		Query: wire.FromQuery(p.Query), NoSystem: p.NoSystem, Follow: p.Follow, Until: uint64(until),
		EachHead: p.EachHead,
	})
}

func (p *logPlace) pass(e *cairn.Recorded) (fresh, last bool) {
	if p.Backward {
		p.Before = e.Position
	} else {
		p.After, p.told = e.Position, e.Position
	}
	return true, reached(&p.Limit)
}

// tell moves the place too: what did not match need not be looked at again. Who
// does not ask to be told of catching up is told of it as progress, where progress
// is due.
func (p *logPlace) tell(it *wire.Item) {
	at := cairn.Position(it.At)
	if !p.Backward {
		p.After = max(p.After, at)
	}
	switch {
	case it.Kind == wire.CaughtUp && p.CaughtUp != nil:
		p.told = at
		p.CaughtUp(at)
	case p.Progress != nil && (it.Kind == wire.Progress || p.told/cairn.ProgressEvery < at/cairn.ProgressEvery):
		p.told = at
		p.Progress(at)
	}
}

// reached counts a limit down, if there is one, and reports whether it is reached.
func reached(limit *int) bool {
	if *limit == 0 {
		return false
	}
	*limit--
	return *limit == 0
}
