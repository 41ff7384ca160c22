package client

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
	"github.com/cairndb/cairn/internal/proto/wire"
)

// A Client is a connection to a server. It is a [cairn.Store], a
// [cairn.BulkCommitter] and a [cairn.Ranker].
type Client struct {
	address Address
	options Options
	conn    *grpc.ClientConn
	stub    cairnv1.StoreClient
	store   cairn.ID
	writer  *writer
	once    sync.Once // closes it

	mu     sync.Mutex
	closed bool
	next   int
	calls  map[int]context.CancelCauseFunc // of the reads and inquiries under way
}

var (
	_ cairn.Store         = (*Client)(nil)
	_ cairn.BulkCommitter = (*Client)(nil)
	_ cairn.Ranker        = (*Client)(nil)
)

func open(a Address, o Options, conn *grpc.ClientConn, stub cairnv1.StoreClient, store cairn.ID) *Client {
	c := &Client{
		address: a, options: o, conn: conn, stub: stub, store: store,
		calls: map[int]context.CancelCauseFunc{},
	}
	c.writer = newWriter(c)
	return c
}

// enter begins a call, whose context also ends when the client closes. The
// returned function ends the call.
func (c *Client) enter(ctx context.Context) (context.Context, func(), error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, nil, cairn.ErrClosed
	}
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	c.next++
	n := c.next
	c.calls[n] = cancel
	return ctx, func() { c.leave(n, cancel) }, nil
}

func (c *Client) leave(n int, cancel context.CancelCauseFunc) {
	cancel(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, n)
}

// Close implements [cairn.Store]. It waits for writes under way for as long as
// there is a connection, up to [Options.MaxWait]: without one they fail with
// [cairn.ErrClosed], and those that were sent with [cairn.ErrUnknownOutcome] as
// well. The server's store stays open.
func (c *Client) Close() error {
	var err error
	c.once.Do(func() {
		c.mu.Lock()
		c.closed = true
		for _, cancel := range c.calls {
			cancel(cairn.ErrClosed)
		}
		c.mu.Unlock()
		c.writer.close()
		err = c.conn.Close()
	})
	return err
}

// Append implements [cairn.Appender]. [Client.Commit] says what happens when the
// connection breaks and when ctx ends.
func (c *Client) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	writes := [1]cairn.Write{{Stream: stream, Expected: expected, Events: events}}
	r, err := c.Commit(ctx, cairn.Batch{Writes: writes[:]})
	if err != nil {
		return cairn.Receipt{}, err
	}
	return cairn.Receipt{Revision: r.Revisions[0], Position: r.Position, Duplicate: r.Duplicate}, nil
}

// Commit implements [cairn.Committer].
//
// While there is no connection a batch waits, up to [Options.MaxWait] or until ctx
// ends, and fails with [ErrUnavailable] or the cause of ctx: nothing was stored.
//
// If the connection breaks when the batch was sent and not answered, the client
// finds out what became of it, or sends it again in a way that cannot store it a
// second time, and answers as if nothing had happened. That does not depend on what
// the batch expects, and not on IDs or keys of the caller's: the client gives an
// ID to each event that has none. Where it cannot find out the error matches
// [cairn.ErrUnknownOutcome]:
//
//   - no server can be reached for MaxWait;
//   - ctx ends while there is no connection, or has ended and the answer does not
//     come within five seconds; the error matches the cause of ctx too. Once a
//     batch was sent the end of ctx is otherwise ignored, because the outcome is
//     about to be known;
//   - the server was restarted, and the batch has no events and no key but deletes
//     a stream, or would make one live again;
//   - the server was restarted, and the user may not read what the batch wrote;
//   - the server holds another store than before, which is [ErrOtherStore] too;
//   - the client is closed while there is no connection.
func (c *Client) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if err := c.ready(ctx); err != nil {
		return cairn.BatchReceipt{}, err
	}
	n, err := newCall(&b, time.Now())
	if err != nil {
		return cairn.BatchReceipt{}, err
	}
	defer n.recycle()
	if err := c.writer.submit(n); err != nil {
		return cairn.BatchReceipt{}, err
	}
	c.writer.wait(ctx, n)
	return n.outcome.BatchReceipt, n.outcome.Err
}

// CommitEach implements [cairn.BulkCommitter]. Batches that have to be sent again
// keep their order among themselves.
func (c *Client) CommitEach(ctx context.Context, batches []cairn.Batch) []cairn.Outcome {
	outcomes := make([]cairn.Outcome, len(batches))
	calls := make([]*call, len(batches))
	good := make([]*call, 0, len(batches))
	refused := c.ready(ctx)
	now := time.Now()
	for i := range batches {
		if outcomes[i].Err = refused; refused != nil {
			continue
		}
		if calls[i], outcomes[i].Err = newCall(&batches[i], now); calls[i] != nil {
			good = append(good, calls[i])
		}
	}
	refused = c.writer.submit(good...)
	for i, n := range calls {
		switch {
		case n == nil:
		case refused != nil:
			outcomes[i].Err = refused
		default:
			c.writer.wait(ctx, n)
			outcomes[i] = n.outcome
			n.recycle()
		}
	}
	return outcomes
}

// ready reports why a write cannot begin.
func (c *Client) ready(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return cairn.ErrClosed
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// inquire makes a call that changes nothing, again and again until it is answered.
func inquire[A any](ctx context.Context, c *Client, ask func(context.Context) (A, error)) (A, error) {
	var none A
	ctx, leave, err := c.enter(ctx)
	if err != nil {
		return none, err
	}
	defer leave()
	outage := c.outage()
	for {
		answer, err := ask(ctx)
		if err == nil {
			return answer, nil
		}
		if err := outage.over(ctx, err); err != nil {
			return none, err
		}
	}
}

// Info implements [cairn.Inspector].
func (c *Client) Info(ctx context.Context) (cairn.Info, error) {
	return inquire(ctx, c, func(ctx context.Context) (cairn.Info, error) {
		m, err := c.stub.Info(ctx, &cairnv1.InfoRequest{})
		if err != nil {
			return cairn.Info{}, err
		}
		info := cairn.Info{Head: cairn.Position(m.Head)}
		copy(info.ID[:], m.Store)
		return info, nil
	})
}

// StreamInfo implements [cairn.Inspector].
func (c *Client) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	if err := cairn.ValidateStream("stream", stream); err != nil {
		return cairn.StreamInfo{}, err
	}
	return inquire(ctx, c, func(ctx context.Context) (cairn.StreamInfo, error) {
		m, err := c.stub.StreamInfo(ctx, &cairnv1.StreamInfoRequest{Stream: stream})
		if err != nil {
			return cairn.StreamInfo{}, err
		}
		return cairn.StreamInfo{
			Stream: stream, State: cairn.StreamState(m.State), Last: cairn.Revision(m.Last), First: cairn.Revision(m.First),
			Metadata: wire.ToMetadata(m.Metadata), MetadataRevision: cairn.Revision(m.MetadataRevision),
		}, nil
	})
}

// Count implements [cairn.Ranker].
func (c *Client) Count(ctx context.Context, q cairn.Query, p cairn.Position) (int64, error) {
	if err := q.Validate(); err != nil {
		return 0, err
	}
	return inquire(ctx, c, func(ctx context.Context) (int64, error) {
		m, err := c.stub.Count(ctx, &cairnv1.CountRequest{Query: wire.FromQuery(q), Position: uint64(p)})
		return m.GetCount(), err
	})
}

// Nth implements [cairn.Ranker].
func (c *Client) Nth(ctx context.Context, q cairn.Query, n int64) (cairn.Position, error) {
	if err := q.Validate(); err != nil {
		return 0, err
	}
	return inquire(ctx, c, func(ctx context.Context) (cairn.Position, error) {
		m, err := c.stub.Nth(ctx, &cairnv1.NthRequest{Query: wire.FromQuery(q), N: n})
		return cairn.Position(m.GetPosition()), err
	})
}
