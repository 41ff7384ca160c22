package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
	"github.com/cairndb/cairn/internal/proto/wire"
)

// ReadStream implements [cairn.StreamReader]. If the connection breaks the read
// goes on where it was; one that does not follow still ends with the last event
// that was there when it began, and gives up with [ErrUnavailable] if it finds no
// server for [Options.MaxWait].
func (c *Client) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		err := cairn.ValidateStream("stream", stream)
		if err == nil {
			err = o.Validate()
		}
		if err != nil {
			yield(cairn.Recorded{}, err)
			return
		}
		c.read(ctx, &streamPlace{stream: stream, ReadOptions: o, seen: cairn.NoStream}, o.Follow, yield)
	}
}

// ReadAll implements [cairn.LogReader]. It goes on as [Client.ReadStream] does.
func (c *Client) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		if err := o.Validate(); err != nil {
			yield(cairn.Recorded{}, err)
			return
		}
		c.read(ctx, &logPlace{AllOptions: o, told: o.After}, o.Follow, yield)
	}
}

// A place is how far a read has come.
type place interface {
	// open reads on from there. until is where the read has its end, if that
	// is known.
	open(ctx context.Context, stub cairnv1.StoreClient, until cairn.Position) (grpc.ClientStream, error)
	// pass moves behind an event. fresh reports whether it was not passed before,
	// last whether there can be no more.
	pass(e *cairn.Recorded) (fresh, last bool)
	// tell passes on what is told between events.
	tell(it *wire.Item)
}

// A reading is one use of an iterator.
type reading struct {
	client *Client
	place  place
	yield  func(cairn.Recorded, error) bool
	outage *outage

	store   cairn.ID       // zero until it is known
	until   cairn.Position // where a read that does not follow ends
	yielded bool           // an event
	left    bool           // the loop was left
	parser  wire.ReadingParser
	chunk   wire.Reading
	bad     error // of the parser
}

func (c *Client) read(ctx context.Context, p place, follow bool, yield func(cairn.Recorded, error) bool) {
	ctx, leave, err := c.enter(ctx)
	if err != nil {
		yield(cairn.Recorded{}, err)
		return
	}
	defer leave()
	r := &reading{client: c, place: p, yield: yield, outage: c.outage()}
	if follow {
		r.outage.most = 0
	}
	for {
		err := r.once(ctx)
		if err == nil || r.left {
			return
		}
		if r.bad == nil {
			r.bad = r.outage.over(ctx, err)
		}
		if r.bad != nil {
			yield(cairn.Recorded{}, r.bad)
			return
		}
	}
}

// once reads until the end, or until the connection breaks.
func (r *reading) once(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	until := r.until
	if !r.yielded {
		until = 0 // nobody can tell that the read began before
	}
	stream, err := r.place.open(ctx, r.client.stub, until)
	if err != nil {
		return err
	}
	r.parser = wire.ReadingParser{}
	m := wire.NewReading()
	m.Decode = func(b []byte) error {
		r.bad = r.parser.Parse(b, &r.chunk)
		return r.bad
	}
	for {
		if err := stream.RecvMsg(m); err != nil {
			if errors.Is(err, io.EOF) && r.store.IsZero() {
				return io.ErrUnexpectedEOF
			}
			return atEnd(err)
		}
		r.outage.ended()
		if over, err := r.hand(ctx); over || err != nil {
			return err
		}
	}
}

// atEnd is nil for the error that a complete read ends with.
func atEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// hand gives a chunk to the loop. over reports that the read has ended.
func (r *reading) hand(ctx context.Context) (over bool, err error) {
	if err := r.begun(); err != nil {
		return true, err
	}
	for i := range r.chunk.Items {
		if ctx.Err() != nil {
			return true, context.Cause(ctx)
		}
		it := &r.chunk.Items[i]
		if it.Kind != wire.Event {
			r.place.tell(it)
			continue
		}
		fresh, last := r.place.pass(&it.Event)
		if fresh {
			r.yielded = true
			r.left = !r.yield(it.Event, nil)
		}
		if r.left || last {
			return true, nil
		}
	}
	if ctx.Err() != nil {
		return true, context.Cause(ctx)
	}
	return false, nil
}

// begun looks at what is read.
func (r *reading) begun() error {
	b := r.chunk.Begun
	if b == nil {
		return nil
	}
	if b.Store != r.client.store {
		return fmt.Errorf("%w: %v, not %v", ErrOtherStore, b.Store, r.client.store)
	}
	r.store, r.until = b.Store, b.Head
	return nil
}
