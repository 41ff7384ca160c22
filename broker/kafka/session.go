package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// A session is one membership in the group.
type session struct {
	o      *SubscriberOptions
	cl     *kgo.Client
	handle func(context.Context, broker.Delivery) error
	ctx    context.Context // of all handlers
	lanes  *lane.Lanes
	room   chan struct{} // holds one when there may be room again

	mu         sync.Mutex
	partitions map[place]*partition
	assigned   int // how many times partitions were, to tell one time from another
	held       int // received and not settled
}

// A place is where records come from.
type place struct {
	topic  string
	number int32
}

func newSession(ctx context.Context, o *SubscriberOptions, handle func(context.Context, broker.Delivery) error) *session {
	return &session{o: o, handle: handle, room: make(chan struct{}, 1), partitions: map[place]*partition{}}
}

// run receives until ctx ends or something fails for good. What is settled is
// committed, and the group is left.
func (x *session) run(ctx context.Context) error {
	handling, stop := context.WithCancel(ctx)
	defer stop()
	x.ctx = handling
	x.lanes = lane.New(handling, lane.Options{Workers: x.o.Workers, Backoff: x.o.Backoff})
	err := x.knock(ctx)
	if err == nil {
		err = x.receive(ctx)
	}
	stop()
	x.lanes.Wait()
	x.leave()
	return err
}

// knock waits until the cluster answers, or says why it never will: the group's
// machinery would try for ever, and say nothing.
func (x *session) knock(ctx context.Context) error {
	for wait := lane.Backoff(100*time.Millisecond, 5*time.Second); ctx.Err() == nil; {
		err := x.cl.Ping(ctx)
		if err == nil {
			return nil
		}
		if err := final(err); err != nil {
			return err
		}
		pause(ctx, wait(4))
	}
	return ctx.Err()
}

// leave commits and leaves, if that can be done soon.
func (x *session) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_ = x.cl.CommitMarkedOffsets(ctx) // or it is delivered again
	x.cl.AllowRebalance()
	_ = x.cl.LeaveGroupContext(ctx) // or the group finds out by itself
	x.cl.Close()
}

// receive puts what arrives into lanes, as much as there is room for.
func (x *session) receive(ctx context.Context) error {
	for ctx.Err() == nil {
		n := x.space()
		if n < max(1, x.o.Window/4) { // or records would be asked for one by one
			select {
			case <-x.room:
			case <-ctx.Done():
			}
			continue
		}
		fetched := x.cl.PollRecords(ctx, n)
		fetched.EachRecord(x.take)
		x.cl.AllowRebalance()
		for _, e := range fetched.Errors() {
			if err := final(e.Err); err != nil {
				return err
			}
		}
		if fetched.NumRecords() == 0 {
			pause(ctx, 10*time.Millisecond) // errors that mend themselves come at once
		}
	}
	return ctx.Err()
}

// space is how many more records may be held.
func (x *session) space() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.o.Window - x.held
}

// take enters a record and has it handled.
func (x *session) take(r *kgo.Record) {
	x.mu.Lock()
	at := place{r.Topic, r.Partition}
	p := x.partitions[at]
	if p == nil {
		x.assigned++
		p = newPartition(x, x.assigned)
		x.partitions[at] = p
	}
	x.held++
	x.mu.Unlock()
	x.lanes.Add(p.enter(r))
}

// release makes room for so many records.
func (x *session) release(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.held -= n
	select {
	case x.room <- struct{}{}:
	default:
	}
}

// revoked is told of partitions that move to another member. Their handlers may
// finish; what they settle is committed before anybody else has it.
func (x *session) revoked(ctx context.Context, cl *kgo.Client, gone map[string][]int32) {
	x.abandon(gone, x.o.Grace)
	_ = cl.CommitMarkedOffsets(ctx) // or it is delivered again
}

// lost is told of partitions that others may have already.
func (x *session) lost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	x.abandon(gone, 0)
}

// abandon ends the work on partitions.
func (x *session) abandon(gone map[string][]int32, grace time.Duration) {
	var all []*partition
	x.mu.Lock()
	for topic, numbers := range gone {
		for _, number := range numbers {
			if p := x.partitions[place{topic, number}]; p != nil {
				all = append(all, p)
				delete(x.partitions, place{topic, number})
			}
		}
	}
	x.mu.Unlock()
	var ending sync.WaitGroup
	for _, p := range all {
		ending.Go(func() { p.end(grace) })
	}
	ending.Wait()
}
