package group

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/cairndb/cairn"
)

// errUnsettled is the failure of a delivery that nobody has settled in time.
var errUnsettled = errors.New("group: the delivery was not settled in time")

// errTwice is the loss of a delivery that was settled before.
var errTwice = fmt.Errorf("%w (it was settled before, or its time was up)", ErrLost)

// A Delivery is an event that its receiver settles by hand, by exactly one of
// its methods Ack, Retry, Park, Skip and Release, in any goroutine. Until then no
// other event of its key is delivered. All fail with [ErrLost] if the delivery is
// no longer the receiver's: then the event is, or will be, delivered again.
type Delivery struct {
	cairn.Recorded
	Attempt  int       // counting from 1
	Deadline time.Time // when the delivery counts as a failed attempt

	settle func(outcome) error
}

// Ack settles the event. It is written down with the next checkpoint.
func (d *Delivery) Ack() error { return d.settle(outcome{}) }

// Retry has the event delivered again after a time, or parked if its attempts
// are spent. The error is what is kept as the reason then.
func (d *Delivery) Retry(after time.Duration, err error) error {
	return d.settle(outcome{err: RetryAfter(after, because(err))})
}

// Park parks the event, and what follows under its key.
func (d *Delivery) Park(err error) error { return d.settle(outcome{err: Park(because(err))}) }

// Skip settles the event as one that was not handled.
func (d *Delivery) Skip(reason string) error { return d.settle(outcome{err: Skip(reason)}) }

// Release gives the event back without that counting as an attempt. It is
// delivered again.
func (d *Delivery) Release() error { return d.settle(outcome{released: true}) }

func because(err error) error {
	if err == nil {
		return errors.New("no reason was given")
	}
	return err
}

// Receive takes part in a group like [Run], but yields the events to be settled
// by hand, Options.Workers of them at a time. Breaking out of the loop releases
// everything; what is not settled then is delivered again, to whoever takes over.
// It is for those who learn later, or from elsewhere, what came of an event.
func Receive(ctx context.Context, store Store, name string, o Options) iter.Seq2[*Delivery, error] {
	return func(yield func(*Delivery, error) bool) {
		m, err := join(ctx, store, name, o)
		if err != nil {
			yield(nil, err)
			return
		}
		m.deliver(ctx, yield)
	}
}

func (m *member) deliver(ctx context.Context, yield func(*Delivery, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	out, ended := make(chan *task), make(chan struct{})
	slots := make(chan struct{}, m.o.Workers)
	var failed error
	go func() {
		defer close(ended)
		failed = m.run(ctx, 1, func(ctx context.Context) error { return m.supply(ctx, slots, out) })
	}()
	defer func() { cancel(); <-ended }()
	for {
		select {
		case t := <-out:
			if !yield(m.delivery(t, slots), nil) {
				return
			}
		case <-ended:
			yield(nil, failed)
			return
		}
	}
}

// supply takes an event for each free slot.
func (m *member) supply(ctx context.Context, slots chan struct{}, out chan<- *task) error {
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		t := m.take()
		if t == nil {
			return nil
		}
		if err := t.fetch(ctx, m.store); err != nil {
			return err
		}
		if t.event == nil { // no longer in the log
			m.finish(t, outcome{})
			<-slots
			continue
		}
		select {
		case out <- t:
		case <-ctx.Done():
			return nil
		}
	}
}

// delivery hands a task to the receiver.
func (m *member) delivery(t *task, slots <-chan struct{}) *Delivery {
	settle := func(o outcome) error {
		err := m.finish(t, o)
		if err == nil || !errors.Is(err, errTwice) {
			<-slots
		}
		return err
	}
	timer := time.AfterFunc(m.o.Visibility, func() { settle(outcome{err: errUnsettled}) })
	return &Delivery{
		Recorded: *t.event, Attempt: t.attempt, Deadline: time.Now().Add(m.o.Visibility),
		settle: func(o outcome) error { timer.Stop(); return settle(o) },
	}
}
