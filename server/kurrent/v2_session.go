package kurrent

import (
	"context"
	"errors"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
	"github.com/cairndb/cairn/server/access"
)

// appendSession appends to several streams, each of which has one request, all
// or nothing.
func (s *v2Server) appendSession(stream grpc.ServerStream) error {
	ctx := stream.Context()
	part := receiving{all: &s.receipts}
	defer part.release()
	batch, err := s.receiveSession(stream, &part)
	if err != nil {
		return v2Fail(ctx, err)
	}
	r, err := s.commitV2(ctx, batch)
	if err != nil {
		return v2Fail(ctx, err)
	}
	answer := &kurrentv2.AppendSessionResponse{Position: int64(r.Position)}
	for i, w := range batch.Writes {
		answer.Output = append(answer.Output, &kurrentv2.AppendResponse{Stream: w.Stream, StreamRevision: int64(r.Revisions[i])})
	}
	return stream.SendMsg(answer)
}

// receiveSession collects the requests. It receives to the end also when it
// has found fault with one, because a client that is still sending would not
// learn why it was refused.
func (s *v2Server) receiveSession(stream grpc.ServerStream, part *receiving) (cairn.Batch, error) {
	session := session{Service: s.Service, tally: s.tally(), seen: map[string]bool{}}
	var refused error
	for passed := 0; passed <= s.opts.MaxAppendSize; {
		req := new(kurrentv2.AppendRequest)
		err := stream.RecvMsg(req)
		switch {
		case errors.Is(err, io.EOF) && refused == nil && len(session.batch.Writes) == 0:
			return cairn.Batch{}, v2NoRequests()
		case errors.Is(err, io.EOF):
			return session.batch, refused
		case err != nil:
			return cairn.Batch{}, err
		case refused != nil:
			passed += proto.Size(req) + 1
			continue
		}
		if refused = part.add(proto.Size(req)); refused == nil {
			refused = session.add(stream.Context(), req)
		}
		if refused != nil {
			session.batch = cairn.Batch{}
		}
	}
	return cairn.Batch{}, refused
}

// A session is an append session as far as it was received.
type session struct {
	*Service
	tally tally
	seen  map[string]bool // streams, regardless of case
	batch cairn.Batch
}

func (s *session) add(ctx context.Context, req *kurrentv2.AppendRequest) error {
	if err := validSession(req); err != nil {
		return err
	}
	if err := s.mayChange(ctx, access.Write, req.GetStream()); err != nil {
		return err
	}
	if folded := strings.ToUpper(req.GetStream()); s.seen[folded] {
		return v2TwiceInSession(req.GetStream())
	} else {
		s.seen[folded] = true
	}
	w := cairn.Write{Stream: req.GetStream(), Expected: cairn.Any}
	if req.ExpectedRevision != nil {
		w.Expected = cairn.Revision(*req.ExpectedRevision)
	}
	for _, r := range req.GetRecords() {
		if err := s.tally.add(w.Stream, r); err != nil {
			return err
		}
		w.Events = append(w.Events, recordEvent(r))
	}
	s.batch.Writes = append(s.batch.Writes, w)
	return nil
}

func validSession(req *kurrentv2.AppendRequest) error {
	var c complaints
	c.stream("stream", req.GetStream())
	if req.ExpectedRevision != nil {
		c.revision("expected_revision", *req.ExpectedRevision, cairn.NoStream, cairn.Any, cairn.StreamExists)
	}
	c.records(req.GetRecords())
	return c.err()
}

// commitV2 commits within the time that a write may take.
func (s *v2Server) commitV2(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.WriteTimeout)
	defer cancel()
	return s.store.Commit(ctx, b)
}
