package rpc

import (
	"context"
	"iter"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
	"github.com/cairndb/cairn/internal/proto/wire"
	"github.com/cairndb/cairn/server/access"
)

// ReadStream implements the protocol's ReadStream.
func (s *Service) ReadStream(r *cairnv1.ReadStreamRequest, stream cairnv1.Store_ReadStreamServer) error {
	o := cairn.ReadOptions{
		From: cairn.Revision(r.From), Before: cairn.Revision(r.Before),
		Backward: r.Backward, Limit: int(r.Limit), Follow: r.Follow,
	}
	may := func(ctx context.Context) error { return s.control.Check(ctx, access.Read, r.Stream) }
	return s.read(stream.Context(), stream, r.Follow, func(ctx context.Context, c *chunk) error {
		ctx, stop, err := s.permitted(ctx, r.Follow, may)
		if err != nil {
			return err
		}
		defer stop()
		until, err := s.begin(ctx, c, cairn.Position(r.Until), r.Follow, r.Backward)
		if err != nil {
			return err
		}
		o.CaughtUp = func(at cairn.Revision) { c.caughtUp(int64(at)) }
		return c.all(s.store.ReadStream(ctx, r.Stream, o), until)
	})
}

// ReadAll implements the protocol's ReadAll.
func (s *Service) ReadAll(r *cairnv1.ReadAllRequest, stream cairnv1.Store_ReadAllServer) error {
	o := cairn.AllOptions{
		After: cairn.Position(r.After), Before: cairn.Position(r.Before),
		Backward: r.Backward, Limit: int(r.Limit), Query: wire.ToQuery(r.Query), NoSystem: r.NoSystem,
		Follow: r.Follow, EachHead: r.EachHead,
	}
	sparse := r.Follow || r.Query != nil || r.NoSystem
	may := func(ctx context.Context) error { return s.mayQuery(ctx, o.Query) }
	return s.read(stream.Context(), stream, sparse, func(ctx context.Context, c *chunk) error {
		ctx, stop, err := s.permitted(ctx, r.Follow, may)
		if err != nil {
			return err
		}
		defer stop()
		until, err := s.begin(ctx, c, cairn.Position(r.Until), r.Follow, r.Backward)
		if err != nil {
			return err
		}
		if until != noEnd && (o.Before == 0 || o.Before > until+1) {
			o.Before = until + 1
		}
		o.CaughtUp = func(p cairn.Position) { c.caughtUp(int64(p)) }
		o.Progress = func(p cairn.Position) { c.progress(p) }
		return c.all(s.store.ReadAll(ctx, o), until)
	})
}

// read runs a read and sends what is left at its end. A sparse one says at once
// that it has begun, as its first event may be long in coming.
func (s *Service) read(ctx context.Context, stream grpc.ServerStream, sparse bool, run func(context.Context, *chunk) error) error {
	s.handlers.Add(1)
	defer s.handlers.Done()
	c := &chunk{stream: stream, sparse: sparse}
	if sparse {
		var release func()
		ctx, release = s.endless.enter(ctx)
		defer release()
	}
	err := run(ctx, c)
	if c.err != nil {
		return c.err // the stream is broken, or the client is gone
	}
	c.flush()
	return statusOf(err)
}

// begin says what is read, and up to where: the head, unless the read goes on with
// one that began before. A follower has no end, and a backward read passed it when
// it began.
func (s *Service) begin(ctx context.Context, c *chunk, until cairn.Position, follow, backward bool) (cairn.Position, error) {
	info, err := s.store.Info(ctx)
	if err != nil {
		return 0, err
	}
	if until == 0 {
		until = info.Head
	}
	c.room()
	c.bytes = wire.AppendBegun(c.bytes, wire.Begun{Store: info.ID, Head: until})
	if c.sparse {
		c.flush()
	}
	if follow || backward {
		until = noEnd
	}
	return until, nil
}

// noEnd is behind every position there can be.
const noEnd = cairn.Position(1<<63 - 1)

// all sends what an iterator yields, up to a position. What comes behind it came
// to be there after the read began.
func (c *chunk) all(events iter.Seq2[cairn.Recorded, error], until cairn.Position) error {
	for e, err := range events {
		if err != nil {
			return err
		}
		if e.Position > until {
			return nil
		}
		if !c.event(&e) {
			return c.err
		}
	}
	return nil
}
