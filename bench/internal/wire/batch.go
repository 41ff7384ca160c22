package wire

import (
	"context"
	"errors"
	"sync"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/system"
)

// A batches appends through long-lived calls of BatchAppend, one for each
// connection, which many callers share.
type batches struct {
	*kurrent
	open []*batchCall
}

func openBatches(command []string, kind string) opener {
	return func(_ context.Context, o system.Options) (system.System, error) {
		k, err := dialKurrent(command, kind, o.Dir)
		if err != nil {
			return nil, err
		}
		b := &batches{kurrent: k}
		for _, client := range k.calls {
			call, err := client.BatchAppend(context.Background())
			if err != nil {
				return nil, errors.Join(err, k.Close())
			}
			b.open = append(b.open, newBatchCall(call))
		}
		return b, nil
	}
}

// A batchCall hands each answer to the caller that waits for it.
type batchCall struct {
	call grpc.BidiStreamingClient[streams.BatchAppendReq, streams.BatchAppendResp]
	done chan struct{}

	mu      sync.Mutex // held to send
	last    int64
	waiting map[int64]chan *streams.BatchAppendResp
	failed  error
}

func newBatchCall(call grpc.BidiStreamingClient[streams.BatchAppendReq, streams.BatchAppendResp]) *batchCall {
	c := &batchCall{call: call, done: make(chan struct{}), waiting: map[int64]chan *streams.BatchAppendResp{}}
	go c.receive()
	return c
}

func (c *batchCall) receive() {
	defer close(c.done)
	for {
		answer, err := c.call.Recv()
		c.mu.Lock()
		if err != nil {
			c.failed = err
			c.mu.Unlock()
			return
		}
		n := answer.GetCorrelationId().GetStructured().GetLeastSignificantBits()
		waiting := c.waiting[n]
		delete(c.waiting, n)
		c.mu.Unlock()
		waiting <- answer
	}
}

func (c *batchCall) send(req *streams.BatchAppendReq) (chan *streams.BatchAppendResp, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	req.CorrelationId = &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{LeastSignificantBits: c.last}}}
	answer := make(chan *streams.BatchAppendResp, 1)
	c.waiting[c.last] = answer
	return answer, c.call.Send(req)
}

func (b *batches) Append(_ context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	c := b.open[b.turn()]
	answer, err := c.send(batchRequest(stream, expected, events))
	if err != nil {
		return err
	}
	select {
	case a := <-answer:
		if a.GetError() != nil {
			return &cairn.ConflictError{Stream: stream, Expected: expected, Actual: cairn.Any}
		}
		return nil
	case <-c.done:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.failed
	}
}

func batchRequest(stream string, expected cairn.Revision, events []cairn.Event) *streams.BatchAppendReq {
	o := &streams.BatchAppendReq_Options{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
		DeadlineOption:   &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(natsWait)},
	}
	if expected == cairn.NoStream {
		o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_NoStream{NoStream: &emptypb.Empty{}}
	} else {
		o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: uint64(expected)}
	}
	req := &streams.BatchAppendReq{Options: o, IsFinal: true}
	for i := range events {
		e := &events[i]
		req.ProposedMessages = append(req.ProposedMessages, &streams.BatchAppendReq_ProposedMessage{
			Id: uuid(e.ID), Metadata: meta(e), CustomMetadata: e.Metadata, Data: e.Data,
		})
	}
	return req
}

func (b *batches) Close() error {
	for _, c := range b.open {
		_ = c.call.CloseSend() // what has failed was told to a caller
		<-c.done
	}
	return b.kurrent.Close()
}
