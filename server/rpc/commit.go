package rpc

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
	"github.com/cairndb/cairn/internal/proto/wire"
	"github.com/cairndb/cairn/server/access"
)

// A committer serves one Commit stream: it commits what the intake has received,
// in this goroutine, while that one receives more.
type committer struct {
	*Service
	*session
	stream  cairnv1.Store_CommitServer
	intake  *intake
	serving *serving

	// Memory that is used again for each pile.
	batches  []cairn.Batch
	numbers  []uint64
	answers  []wire.Outcome
	response []byte
}

// Commit implements the protocol's Commit.
func (s *Service) Commit(stream cairnv1.Store_CommitServer) error {
	s.handlers.Add(1)
	defer s.handlers.Done()
	ctx := stream.Context()
	if err := s.control.CheckRole(ctx); err != nil {
		return statusOf(err)
	}
	in := newIntake(stream, s.options.PendingBytes)
	open, err := in.open()
	if err != nil {
		return commitStatus(err)
	}
	session, serving, err := s.sessions.enter(ctx, open, access.From(ctx).Name)
	if err != nil {
		return commitStatus(err)
	}
	c := &committer{Service: s, session: session, stream: stream, intake: in, serving: serving}
	err = c.hello(ctx)
	if err == nil {
		s.handlers.Go(in.run) // ends when this call has, because its stream then does
		err = c.serve(ctx)
		close(in.over)
	}
	s.sessions.leave(open.Session, session, errors.Is(err, io.EOF))
	return commitStatus(err)
}

// commitStatus is how a Commit stream ends.
func commitStatus(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, errStale):
		return status.Error(codes.Aborted, err.Error())
	case errors.Is(err, errNotYours):
		return status.Error(codes.PermissionDenied, err.Error())
	case errors.Is(err, errForgetful):
		return status.Error(codes.ResourceExhausted, err.Error())
	case errors.Is(err, errNoSession), errors.Is(err, wire.ErrMalformed):
		return status.Error(codes.InvalidArgument, err.Error())
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	return statusOf(err)
}

// hello says who answers. Whatever the client was answered is in the log up to
// the head that it names.
func (c *committer) hello(ctx context.Context) error {
	info, err := c.store.Info(ctx)
	if err != nil {
		return err
	}
	return c.send(wire.AppendHello(nil, wire.Hello{Store: info.ID, Head: info.Head, Memory: c.memory}))
}

func (c *committer) send(b []byte) error {
	m := wire.NewResponse()
	m.Bytes = b
	return c.stream.SendMsg(m)
}

// serve commits pile after pile. When the service shuts down it answers what was
// received and says that this was all.
func (c *committer) serve(ctx context.Context) error {
	var pile []wire.Submission
	for {
		var answered uint64
		var err error
		pile, answered, err = c.intake.take(ctx, pile, c.serving.superseded, c.closing)
		if errors.Is(err, errShutdown) {
			return errors.Join(c.send(wire.AppendDrained(nil)), err)
		}
		if err != nil {
			return err
		}
		c.session.answered(answered)
		if err := c.commit(ctx, pile); err != nil {
			return err
		}
	}
}

// commit commits a pile and answers it.
func (c *committer) commit(ctx context.Context, pile []wire.Submission) error {
	c.batches, c.numbers, c.answers = c.batches[:0], c.numbers[:0], c.answers[:0]
	for i := range pile {
		c.sort(ctx, &pile[i])
	}
	// Whether or not the client is still there: what is to be remembered is the
	// outcome of all.
	outcomes := cairn.CommitEach(context.WithoutCancel(ctx), c.store, c.batches)
	clear(c.batches)
	for i, o := range outcomes {
		if err := c.keep(c.numbers[i], o); err != nil {
			return err
		}
		c.answers = append(c.answers, wire.Outcome{Number: c.numbers[i], Outcome: o})
	}
	defer clear(c.answers)
	return c.answer()
}

// sort answers a batch that was committed before or is not allowed, and puts the
// others to those to commit.
func (c *committer) sort(ctx context.Context, s *wire.Submission) {
	if o, ok := c.recall(s.Number); ok {
		c.answers = append(c.answers, wire.Outcome{Number: s.Number, Outcome: o})
		return
	}
	if err := c.mayCommit(ctx, &s.Batch); err != nil {
		c.answers = append(c.answers, wire.Outcome{Number: s.Number, Outcome: cairn.Outcome{Err: err}})
		return
	}
	c.batches, c.numbers = append(c.batches, s.Batch), append(c.numbers, s.Number)
}

// packed is from how many bytes on a response is sent.
const packed = 64 << 10

// answer sends the outcomes.
func (c *committer) answer() error {
	b := c.response[:0]
	for i := range c.answers {
		start := len(b)
		b = wire.AppendOutcome(b, c.answers[i].Number, &c.answers[i].Outcome)
		if len(b)-start > wire.MaxItem {
			if err := c.inPieces(b[:start], b[start:]); err != nil {
				return err
			}
			b = nil // and do not hold on to the memory
		}
		if len(b) >= packed {
			if err := c.send(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	c.response = b
	if len(b) == 0 {
		return nil
	}
	return c.send(b)
}

// inPieces sends what is ready and then a long outcome.
func (c *committer) inPieces(ready, long []byte) error {
	if len(ready) > 0 {
		if err := c.send(ready); err != nil {
			return err
		}
	}
	for piece := range wire.ResponseFragments(long) {
		if err := c.send(piece); err != nil {
			return err
		}
	}
	return nil
}
