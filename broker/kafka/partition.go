package kafka

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// A partition is one that the group has given us, for as long as we have it.
type partition struct {
	x      *session
	prefix string // of its keys in the lanes: a key is in one partition
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	queue   []*entry // received, by offset; the first one is not settled
	gone    bool
	working sync.WaitGroup // handlers
}

// An entry is a record that was received.
type entry struct {
	record  *kgo.Record
	handled bool // its handler is done, and counts as working until it is settled
	settled bool
}

func newPartition(x *session, time int) *partition {
	p := &partition{x: x, prefix: fmt.Sprint(time, "/")}
	p.ctx, p.cancel = context.WithCancel(x.ctx)
	return p
}

// enter queues a record and returns what is to be done about it. When the
// partition is gone that is nothing: it is another's.
func (p *partition) enter(r *kgo.Record) lane.Task {
	e := &entry{record: r}
	p.mu.Lock()
	p.queue = append(p.queue, e)
	p.mu.Unlock()
	a := lane.Arrival{}
	var err error
	a.Message, err = decode(r)
	a.Letter = letter(r, err)
	key := p.x.o.Key(&a.Message)
	if key != "" {
		key = p.prefix + key
	}
	return lane.Task{
		Key: key,
		Try: func(attempt int) error { return p.try(e, &a, attempt) },
		Settle: func(err error) bool {
			p.settle(e)
			return err == nil
		},
	}
}

// try handles an entry once.
func (p *partition) try(e *entry, a *lane.Arrival, attempt int) (err error) {
	if !p.begin() {
		return nil
	}
	defer func() {
		if !e.handled {
			p.working.Done()
		}
	}()
	err = a.Handle(p.ctx, attempt, p.x.attempt, func(ctx context.Context, l broker.Letter) error { return p.x.bury(ctx, e.record, l) })
	e.handled = err == nil
	return err
}

// begin tells whether a handler may begin.
func (p *partition) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.gone {
		p.working.Add(1)
	}
	return !p.gone
}

// settle gives up the room of an entry, and if it is handled marks for the next
// commit what is now settled without a gap.
func (p *partition) settle(e *entry) {
	p.x.release(1)
	if !e.handled {
		return
	}
	defer p.working.Done()
	p.mu.Lock()
	defer p.mu.Unlock()
	e.settled = true
	var last *kgo.Record
	for len(p.queue) > 0 && p.queue[0].settled {
		last = p.queue[0].record
		p.queue[0] = nil
		p.queue = p.queue[1:]
	}
	if last != nil {
		p.x.cl.MarkCommitRecords(last)
	}
}

// end lets no handler begin any more, and returns when none is left.
func (p *partition) end(grace time.Duration) {
	p.mu.Lock()
	p.gone = true
	p.mu.Unlock()
	late := time.AfterFunc(grace, p.cancel)
	p.working.Wait()
	late.Stop()
	p.cancel()
}
