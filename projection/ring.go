package projection

import (
	"context"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// A ring is where the events of a lane wait: the reader puts them in and the lane
// takes them out, and neither locks. It is bounded by events and by bytes.
type ring struct {
	slots []Event
	most  int64 // bytes

	next    uint64        // the reader's: where the next event goes
	written atomic.Uint64 // events before it may be taken
	done    atomic.Uint64 // events before it are settled
	bytes   atomic.Int64  // of those that wait

	// reached is up to where every event of the lane was put in, and head the last
	// head, plus one, that the reader has come to.
	reached, head atomic.Uint64

	ready chan struct{} // there may be something to take, or to know
	room  chan struct{} // there may be room
	taken []*Event

	closed atomic.Bool // nobody takes anything until it is reset
}

func newRing(events int, bytes int64) ring {
	size := 1
	for size < events {
		size *= 2
	}
	return ring{slots: make([]Event, size), most: bytes, ready: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// put adds an event. It waits for room, and gives up when ctx ends. When the ring is
// closed events are dropped.
func (r *ring) put(ctx context.Context, e *cairn.Recorded, n Names) bool {
	size := sizeOf(e)
	for r.full(size) {
		r.publish()
		if r.closed.Load() {
			return true
		}
		select {
		case <-r.room:
		case <-ctx.Done():
			return false
		}
	}
	at := &r.slots[r.next&uint64(len(r.slots)-1)]
	at.Recorded, at.Names = *e, n
	r.next++
	r.bytes.Add(size)
	if r.next&63 == 0 {
		r.publish()
	}
	return true
}

func (r *ring) full(size int64) bool {
	waiting := r.next - r.done.Load()
	return waiting == uint64(len(r.slots)) || waiting > 0 && r.bytes.Load()+size > r.most
}

// sizeOf is about what an event takes in memory besides its slot.
func sizeOf(e *cairn.Recorded) int64 {
	return int64(len(e.Data) + len(e.Metadata) + len(e.Stream) + len(e.Type) + 32*len(e.Tags))
}

// publish lets the lane take what was put in.
func (r *ring) publish() {
	if r.written.Load() != r.next {
		r.written.Store(r.next)
		signal(r.ready)
	}
}

// reach says that every event of the lane up to p was put in; head is whether that
// is all there is.
func (r *ring) reach(p cairn.Position, head bool) {
	r.publish()
	r.reached.Store(uint64(p))
	if head {
		r.head.Store(uint64(p) + 1)
	}
	signal(r.ready)
}

// take returns up to so many events that wait, and leaves them in the ring.
func (r *ring) take(most int) []*Event {
	r.taken = r.taken[:0]
	done := r.done.Load()
	n := min(r.written.Load()-done, uint64(most))
	for i := range n {
		r.taken = append(r.taken, &r.slots[(done+i)&uint64(len(r.slots)-1)])
	}
	return r.taken
}

// settled takes events out that take has returned.
func (r *ring) settled(events []*Event) {
	size := int64(0)
	for _, e := range events {
		size += sizeOf(&e.Recorded)
		*e = Event{} // its bytes may be large
	}
	r.bytes.Add(-size)
	r.done.Add(uint64(len(events)))
	signal(r.room)
}

// reset empties the ring. Neither side may use it meanwhile.
func (r *ring) reset(at cairn.Position) {
	clear(r.slots)
	r.next = 0
	r.written.Store(0)
	r.done.Store(0)
	r.bytes.Store(0)
	r.reached.Store(uint64(at))
	r.head.Store(0)
	r.closed.Store(false)
}

// close says that nobody takes anything any more.
func (r *ring) close() {
	r.closed.Store(true)
	signal(r.room)
}
