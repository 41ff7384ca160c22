package rpc

import (
	"context"
	"errors"
	"io"
	"sync"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn/internal/proto/wire"
)

// An intake receives the requests of a Commit stream while those before them are
// being committed. It takes in a bounded number of bytes: then it stops receiving,
// which stops the client.
type intake struct {
	stream grpc.ServerStream
	parser wire.RequestParser
	limit  int

	more  chan struct{} // holds one when there may be something to take
	space chan struct{} // holds one when something was taken
	over  chan struct{} // closed when nobody takes any more

	mu       sync.Mutex
	pile     []wire.Submission
	bytes    int
	answered uint64
	err      error // why nothing more comes; io.EOF if the client wants no more
}

func newIntake(stream grpc.ServerStream, limit int) *intake {
	return &intake{
		stream: stream, limit: limit,
		more: make(chan struct{}, 1), space: make(chan struct{}, 1), over: make(chan struct{}),
	}
}

// signal puts a token into a channel that holds one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// open receives the first request.
func (in *intake) open() (wire.Open, error) {
	var r wire.Request
	if err := in.receive(&r); err != nil {
		return wire.Open{}, err
	}
	if r.Open == nil || r.Open.Session.IsZero() || len(r.Batches) > 0 {
		return wire.Open{}, errNoSession
	}
	return *r.Open, nil
}

func (in *intake) receive(r *wire.Request) error {
	m := wire.NewRequest()
	m.Decode = func(b []byte) error { return in.parser.Parse(b, r) }
	return in.stream.RecvMsg(m)
}

// run receives until the stream ends or nobody takes any more.
func (in *intake) run() {
	var r wire.Request
	for in.room() {
		err := in.receive(&r)
		if err == nil && r.Open != nil {
			err = errNoSession
		}
		in.put(&r, err)
		if err != nil {
			return
		}
	}
}

// room waits until there is room for more.
func (in *intake) room() bool {
	for {
		in.mu.Lock()
		full := in.bytes >= in.limit
		in.mu.Unlock()
		if !full {
			return true
		}
		select {
		case <-in.space:
		case <-in.over:
			return false
		}
	}
}

func (in *intake) put(r *wire.Request, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	defer signal(in.more)
	if in.err = err; err != nil {
		return
	}
	in.pile = append(in.pile, r.Batches...)
	for i := range r.Batches {
		in.bytes += r.Batches[i].Size
	}
	in.answered = max(in.answered, r.Answered)
}

// take waits for batches and takes what has piled up, into the memory of old. It
// returns an error when there are none and none will come: io.EOF if the client
// wants no more.
func (in *intake) take(ctx context.Context, old []wire.Submission, end ...<-chan struct{}) (pile []wire.Submission, answered uint64, err error) {
	for {
		if pile, answered, err = in.now(old); len(pile) > 0 || err != nil {
			return pile, answered, err
		}
		select {
		case <-in.more:
		case <-ctx.Done():
			return nil, 0, context.Cause(ctx)
		case <-end[0]:
			return nil, 0, errStale
		case <-end[1]:
			return nil, 0, errShutdown
		}
	}
}

// now takes what is there.
func (in *intake) now(old []wire.Submission) ([]wire.Submission, uint64, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.err != nil && !errors.Is(in.err, io.EOF) {
		return nil, 0, in.err // who would be told of an outcome is gone, and comes again
	}
	if len(in.pile) == 0 {
		return nil, 0, in.err
	}
	pile := in.pile
	clear(old)
	in.pile, in.bytes = old[:0], 0
	signal(in.space)
	return pile, in.answered, nil
}
